package io.polyseme.train.transformer;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.graph.BertShape;
import io.polyseme.encoder.graph.BertWriter;
import io.polyseme.model.ModelCard;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.model.ModelTarget;
import io.polyseme.model.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/** An encoder that was trained, in memory; its tokenizer is a file. Immutable and thread-safe. */
public final class TrainedEncoder {
  private final BertShape shape;
  private final SequencedMap<String, float[]> weights;
  private final Path tokenizer;
  private final ModelCard card;
  private final int padding;
  private final String about;

  /**
   * @param about Markdown: from what, how and with what result it was made
   */
  TrainedEncoder(
      BertShape shape,
      SequencedMap<String, float[]> weights,
      Path tokenizer,
      ModelCard card,
      int padding,
      String about) {
    this.shape = shape;
    this.weights = weights;
    this.tokenizer = tokenizer;
    this.card = card;
    this.padding = padding;
    this.about = about;
  }

  /** How many numbers it has. */
  public long size() {
    return weights.values().stream().mapToLong(values -> values.length).sum();
  }

  /**
   * Saves it as a model in Hugging Face's layout, which appears whole or not at all: {@code
   * model.onnx} with hidden states, and the scores of words as second output where it has a head,
   * {@code tokenizer.json}, {@code config.json}, pooling, and a card that says how it was made.
   *
   * @param store of the cache
   * @param progress told of bytes of weights
   * @throws io.polyseme.PolysemeException if there is something at the target, or it cannot be
   *     written
   * @throws io.polyseme.CancelledException if cancelled; nothing is left then
   */
  public ModelFiles save(ModelStore store, ModelTarget target, Progress progress, Cancel cancel) {
    return store.add(
        target,
        card.withName(target.name()),
        folder -> {
          BertWriter.write(folder.resolve("model.onnx"), shape, weights, progress, cancel);
          Files.copy(tokenizer, folder.resolve("tokenizer.json"));
          write(folder.resolve("config.json"), config());
          pooling(folder);
          Files.writeString(folder.resolve("README.md"), "# " + target.name() + "\n\n" + about);
        });
  }

  private JsonObject config() {
    var config = new JsonObject();
    var architectures = new JsonArray();
    architectures.add(shape.causal() ? "BertLMHeadModel" : "BertForMaskedLM");
    config.add("architectures", architectures);
    config.addProperty("model_type", "bert");
    config.addProperty("hidden_act", "gelu");
    config.addProperty("hidden_size", shape.dimension());
    config.addProperty("num_hidden_layers", shape.layers());
    config.addProperty("num_attention_heads", shape.heads());
    config.addProperty("intermediate_size", shape.inner());
    config.addProperty("layer_norm_eps", shape.epsilon());
    config.addProperty("max_position_embeddings", shape.positions());
    config.addProperty("type_vocab_size", Math.max(1, shape.types()));
    config.addProperty("vocab_size", shape.vocabulary());
    config.addProperty("pad_token_id", padding);
    config.addProperty("is_decoder", shape.causal());
    return config;
  }

  private void pooling(Path folder) throws IOException {
    Pooling pooling = card.pooling();
    if (pooling == null) {
      return;
    }
    var modules = new JsonArray();
    for (String[] module :
        List.of(
            new String[] {"", "Transformer"},
            new String[] {"1_Pooling", "Pooling"},
            new String[] {"2_Normalize", "Normalize"})) {
      if (module[1].equals("Normalize") && !card.normalise()) {
        continue;
      }
      var entry = new JsonObject();
      entry.addProperty("idx", modules.size());
      entry.addProperty("name", Integer.toString(modules.size()));
      entry.addProperty("path", module[0]);
      entry.addProperty("type", "sentence_transformers.models." + module[1]);
      modules.add(entry);
    }
    Files.writeString(
        folder.resolve("modules.json"),
        new GsonBuilder().setPrettyPrinting().create().toJson(modules) + "\n");
    Files.createDirectory(folder.resolve("1_Pooling"));
    var pool = new JsonObject();
    pool.addProperty("word_embedding_dimension", shape.dimension());
    pool.addProperty("pooling_mode_cls_token", pooling == Pooling.CLS);
    pool.addProperty("pooling_mode_mean_tokens", pooling == Pooling.MEAN);
    pool.addProperty("pooling_mode_max_tokens", pooling == Pooling.MAX);
    pool.addProperty("pooling_mode_lasttoken", pooling == Pooling.LAST);
    write(folder.resolve("1_Pooling").resolve("config.json"), pool);
    if (!card.queryPrefix().isEmpty() || !card.passagePrefix().isEmpty()) {
      var prompts = new JsonObject();
      prompts.addProperty("query", card.queryPrefix());
      prompts.addProperty("passage", card.passagePrefix());
      var settings = new JsonObject();
      settings.add("prompts", prompts);
      write(folder.resolve("config_sentence_transformers.json"), settings);
    }
  }

  private static void write(Path file, JsonObject json) throws IOException {
    Files.writeString(
        file,
        new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(json) + "\n");
  }
}
