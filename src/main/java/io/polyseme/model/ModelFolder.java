package io.polyseme.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model's folder in Hugging Face's layout: {@code model.onnx} or {@code onnx/model.onnx}, {@code
 * tokenizer.json}, and where they are there {@code config.json} (window), {@code modules.json} and
 * {@code 1_Pooling/config.json} (pooling), {@code config_sentence_transformers.json} (prefixes).
 */
final class ModelFolder {
  private ModelFolder() {}

  /**
   * @param fingerprints remembers those of files that have not changed; null to remember nothing
   */
  static ModelFiles open(Path folder, @Nullable Path fingerprints) {
    if (!Files.isDirectory(folder)) {
      throw new PolysemeException(
          folder + " is a file, and a model is a folder with model.onnx and tokenizer.json");
    }
    Path onnx =
        List.of(folder.resolve("model.onnx"), folder.resolve("onnx").resolve("model.onnx")).stream()
            .filter(Files::isRegularFile)
            .findFirst()
            .orElseThrow(
                () ->
                    new PolysemeException(
                        "the model folder %s has neither model.onnx nor onnx/model.onnx"
                            .formatted(folder)));
    Path tokenizer = folder.resolve("tokenizer.json");
    if (!Files.isRegularFile(tokenizer)) {
      throw new PolysemeException(
          "the model folder %s has no tokenizer.json, without which text cannot be cut into its tokens"
              .formatted(folder));
    }
    String fingerprint = Fingerprints.of(onnx, fingerprints);
    Optional<KnownModel> known = KnownModel.withFingerprint(fingerprint);
    ModelCard card = known.isPresent() ? known.get().card() : card(folder);
    return new ModelFiles(card, folder, onnx, tokenizer, fingerprint);
  }

  private static ModelCard card(Path folder) {
    JsonObject config = object(folder.resolve("config.json"));
    int window =
        integer(
            config,
            "max_position_embeddings",
            integer(object(folder.resolve("sentence_bert_config.json")), "max_seq_length", 512));
    // RoBERTa and its kin count positions from the padding token's number plus one.
    String type = text(config, "model_type");
    if (type.contains("roberta") || type.equals("camembert") || type.equals("mpnet")) {
      window -= 2;
    }
    if (window < 3) {
      throw new PolysemeException(
          "the configuration of %s gives a window of %d tokens, which holds no text"
              .formatted(folder, window));
    }
    JsonObject settings = object(folder.resolve("config_sentence_transformers.json"));
    JsonObject prompts =
        settings.has("prompts") && settings.get("prompts").isJsonObject()
            ? settings.getAsJsonObject("prompts")
            : new JsonObject();
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return new ModelCard(
        name == null ? folder.toString() : name.toString(),
        "",
        "",
        "",
        pooling(folder),
        modules(folder).stream().anyMatch(module -> module.endsWith("Normalize")),
        window,
        text(prompts, "query"),
        prompts.has("passage") ? text(prompts, "passage") : text(prompts, "document"));
  }

  /**
   * Null where the files do not say, or say what we do not do: several kinds put together, or
   * layers after the pooling.
   */
  private static @Nullable Pooling pooling(Path folder) {
    if (modules(folder).stream()
        .anyMatch(type -> !type.matches(".*(Transformer|Pooling|Normalize)"))) {
      return null;
    }
    JsonObject config = object(folder.resolve("1_Pooling").resolve("config.json"));
    List<String> modes =
        config.has("pooling_mode")
            ? List.of(text(config, "pooling_mode"))
            : config.keySet().stream()
                .filter(key -> key.startsWith("pooling_mode_") && flag(config, key))
                .map(key -> key.substring("pooling_mode_".length()))
                .toList();
    if (modes.size() != 1) {
      return null;
    }
    return switch (modes.getFirst()) {
      case "cls", "cls_token" -> Pooling.CLS;
      case "mean", "mean_tokens" -> Pooling.MEAN;
      case "max", "max_tokens" -> Pooling.MAX;
      default -> null;
    };
  }

  /**
   * The types of what sentence-transformers does one after the other; empty where it is not said.
   */
  private static List<String> modules(Path folder) {
    Path file = folder.resolve("modules.json");
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    if (parse(file) instanceof JsonArray array) {
      return array.asList().stream()
          .filter(JsonElement::isJsonObject)
          .map(module -> text(module.getAsJsonObject(), "type"))
          .toList();
    }
    throw new PolysemeException(file + " is not a JSON array");
  }

  private static JsonObject object(Path file) {
    if (!Files.isRegularFile(file)) {
      return new JsonObject();
    }
    if (parse(file) instanceof JsonObject object) {
      return object;
    }
    throw new PolysemeException(file + " is not a JSON object");
  }

  private static JsonElement parse(Path file) {
    try {
      return JsonParser.parseString(Files.readString(file));
    } catch (IOException | JsonParseException e) {
      throw new PolysemeException(file + " is not JSON that can be read: " + e.getMessage(), e);
    }
  }

  private static boolean flag(JsonObject object, String name) {
    return object.has(name)
        && object.get(name).isJsonPrimitive()
        && object.get(name).getAsBoolean();
  }

  private static int integer(JsonObject object, String name, int otherwise) {
    if (!object.has(name) || object.get(name).isJsonNull()) {
      return otherwise;
    }
    try {
      return object.get(name).getAsInt();
    } catch (RuntimeException e) { // Gson throws many kinds
      throw new PolysemeException(
          "\"%s\" should be a number, and is %s".formatted(name, object.get(name)), e);
    }
  }

  private static String text(JsonObject object, String name) {
    return object.has(name) && object.get(name).isJsonPrimitive()
        ? object.get(name).getAsString()
        : "";
  }
}
