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

  static ModelFiles open(Path folder) {
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
    String fingerprint;
    try {
      fingerprint = Sha256.of(onnx);
    } catch (IOException e) {
      throw new PolysemeException("cannot read " + onnx + ": " + e, e);
    }
    Optional<KnownModel> known = KnownModel.withFingerprint(fingerprint);
    ModelCard card = known.isPresent() ? known.get().card() : card(folder);
    return new ModelFiles(card, folder, onnx, tokenizer, fingerprint);
  }

  private static ModelCard card(Path folder) {
    JsonObject config = object(folder.resolve("config.json"));
    int window = integer(config, "max_position_embeddings", 512);
    // RoBERTa and its kin count positions from the padding token's number plus one.
    String type = text(config, "model_type");
    if (type.contains("roberta") || type.equals("camembert") || type.equals("mpnet")) {
      window -= 2;
    }
    JsonObject prompts =
        object(folder.resolve("config_sentence_transformers.json")).has("prompts")
            ? object(folder.resolve("config_sentence_transformers.json")).getAsJsonObject("prompts")
            : new JsonObject();
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return new ModelCard(
        name == null ? folder.toString() : name.toString(),
        text(config, "_name_or_path"),
        "",
        "",
        pooling(folder),
        normalises(folder),
        window,
        text(prompts, "query"),
        prompts.has("passage") ? text(prompts, "passage") : text(prompts, "document"));
  }

  private static @Nullable Pooling pooling(Path folder) {
    JsonObject config = object(folder.resolve("1_Pooling").resolve("config.json"));
    if (flag(config, "pooling_mode_cls_token")) {
      return Pooling.CLS;
    }
    if (flag(config, "pooling_mode_mean_tokens")) {
      return Pooling.MEAN;
    }
    return flag(config, "pooling_mode_max_tokens") ? Pooling.MAX : null;
  }

  private static boolean normalises(Path folder) {
    Path modules = folder.resolve("modules.json");
    if (!Files.isRegularFile(modules)) {
      return false;
    }
    return parse(modules) instanceof JsonArray array
        && array.asList().stream()
            .anyMatch(
                module ->
                    module.isJsonObject()
                        && text(module.getAsJsonObject(), "type").endsWith("Normalize"));
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
    return object.has(name) && object.get(name).isJsonPrimitive()
        ? object.get(name).getAsInt()
        : otherwise;
  }

  private static String text(JsonObject object, String name) {
    return object.has(name) && object.get(name).isJsonPrimitive()
        ? object.get(name).getAsString()
        : "";
  }
}
