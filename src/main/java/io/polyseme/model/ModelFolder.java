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
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model's folder in Hugging Face's layout: {@code model.onnx} or {@code onnx/model.onnx}, {@code
 * tokenizer.json}, and where they are there {@code config.json} (window, padding), {@code
 * sentence_bert_config.json} and {@code tokenizer_config.json} (window), {@code modules.json} and
 * {@code 1_Pooling/config.json} (pooling), {@code config_sentence_transformers.json} (prefixes).
 */
final class ModelFolder {
  /** Kinds of models that count positions from the padding token's number plus one. */
  private static final Pattern POSITIONS_AFTER_PADDING =
      Pattern.compile(".*roberta.*|camembert|mpnet|longformer|luke|mluke|xmod|ibert|data2vec-text");

  /** Tokenizers that know no limit say some 10^30. */
  private static final double NO_LIMIT = 1e7;

  private ModelFolder() {}

  /** What a model's files say of its pooling: either one that we do, or why there is none. */
  private record Said(@Nullable Pooling pooling, String problem) {}

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
    int window = window(folder, config);
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
        pooling(folder).pooling,
        modules(folder).stream().anyMatch(module -> module.endsWith("Normalize")),
        window,
        text(prompts, "query"),
        prompts.has("passage") ? text(prompts, "passage") : text(prompts, "document"));
  }

  /** The first that is said of: the positions that there are, and the lengths it is used with. */
  private static int window(Path folder, JsonObject config) {
    for (String name : List.of("max_position_embeddings", "n_positions")) {
      if (has(config, name)) {
        int positions = integer(config, name, 0);
        return POSITIONS_AFTER_PADDING.matcher(text(config, "model_type")).matches()
            ? positions - 1 - Math.max(0, integer(config, "pad_token_id", 1))
            : positions;
      }
    }
    JsonObject settings = object(folder.resolve("sentence_bert_config.json"));
    if (has(settings, "max_seq_length")) {
      return integer(settings, "max_seq_length", 0);
    }
    JsonObject tokenizer = object(folder.resolve("tokenizer_config.json"));
    if (has(tokenizer, "model_max_length")
        && number(tokenizer, "model_max_length").doubleValue() < NO_LIMIT) {
      return integer(tokenizer, "model_max_length", 0);
    }
    return 512;
  }

  static OptionalInt paddingId(Path folder) {
    JsonObject config = object(folder.resolve("config.json"));
    int id = integer(config, "pad_token_id", -1);
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  static String poolingProblem(Path folder) {
    return pooling(folder).problem;
  }

  private static Said pooling(Path folder) {
    List<String> others =
        modules(folder).stream()
            .filter(type -> !type.matches(".*(Transformer|Pooling|Normalize)"))
            .map(type -> type.substring(type.lastIndexOf('.') + 1))
            .toList();
    if (!others.isEmpty()) {
      return new Said(
          null, "its modules.json has layers that are not done here: " + String.join(", ", others));
    }
    Path file = folder.resolve("1_Pooling").resolve("config.json");
    JsonObject config = object(file);
    List<String> modes =
        config.has("pooling_mode")
            ? List.of(text(config, "pooling_mode"))
            : config.keySet().stream()
                .filter(key -> key.startsWith("pooling_mode_") && flag(config, key))
                .map(key -> key.substring("pooling_mode_".length()))
                .toList();
    if (modes.isEmpty()) {
      return new Said(null, "its files do not say how its sentence vectors are pooled");
    }
    if (modes.size() > 1) {
      return new Said(
          null,
          "its 1_Pooling/config.json puts several poolings together, which is not done here: "
              + String.join(", ", modes));
    }
    Pooling pooling =
        switch (modes.getFirst()) {
          case "cls", "cls_token" -> Pooling.CLS;
          case "mean", "mean_tokens" -> Pooling.MEAN;
          case "max", "max_tokens" -> Pooling.MAX;
          case "lasttoken" -> Pooling.LAST;
          default -> null;
        };
    if (pooling == null) {
      return new Said(
          null,
          "its 1_Pooling/config.json asks for the pooling \"%s\", which is not done here"
              .formatted(modes.getFirst()));
    }
    if (pooling == Pooling.MEAN
        && config.has("include_prompt")
        && !flag(config, "include_prompt")) {
      return new Said(
          null,
          "its 1_Pooling/config.json leaves the prompt out of the mean (include_prompt), which is not done here");
    }
    return new Said(pooling, "");
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

  private static boolean has(JsonObject object, String name) {
    return object.has(name) && !object.get(name).isJsonNull();
  }

  private static int integer(JsonObject object, String name, int otherwise) {
    return has(object, name) ? number(object, name).intValue() : otherwise;
  }

  private static Number number(JsonObject object, String name) {
    try {
      return object.get(name).getAsBigDecimal();
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
