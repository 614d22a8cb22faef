package io.polyseme.predict;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.Sha256;
import io.polyseme.encoder.graph.HeadWriter;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.model.ModelTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A masked-word head that was learned, in memory. Immutable and thread-safe. */
public final class TrainedHead {
  private final HeadNetwork network;
  private final @Nullable TunedLens lens;
  private final Summary summary;

  /**
   * What it was learned from and how good it became.
   *
   * @param layer whose hidden states it reads
   * @param tokens of text that were read, those of texts held out included
   * @param words how many masked words were learned from
   * @param tooShort how many texts were left out for having too few tokens
   * @param heldOut on masked words of the texts held out
   * @param floor the same by the frequency of words alone
   */
  public record Summary(
      int layer, long tokens, int words, long tooShort, HeadScores heldOut, HeadScores floor) {}

  TrainedHead(HeadNetwork network, @Nullable TunedLens lens, Summary summary) {
    this.network = network;
    this.lens = lens;
    this.summary = summary;
  }

  public Summary summary() {
    return summary;
  }

  /**
   * The score of each word for the hidden state of the head's layer at a masked place.
   *
   * @param state float[dimension]
   * @return float[vocabulary]
   */
  public float[] scores(float[] state) {
    return network.scores(state);
  }

  /** Where the model with a head of another goes unless the caller says: in the cache. */
  public static ModelTarget target(ModelFiles from) {
    return ModelTarget.named(from.card().name() + "-head");
  }

  /**
   * Saves the encoder and its head as one model folder, which appears whole or not at all: the ONNX
   * graph with the head's nodes and weights, the same tokenizer, and the tuned lens where there is
   * one.
   *
   * @param from the files of the encoder that it was learned with
   * @param store of the cache
   * @param progress told of bytes of weights
   * @throws io.polyseme.PolysemeException if there is something at the target, or it cannot be
   *     written
   * @throws io.polyseme.CancelledException if cancelled; nothing is left then
   */
  public ModelFiles save(
      ModelFiles from, ModelStore store, ModelTarget target, Progress progress, Cancel cancel) {
    return store.add(
        target,
        from.card(),
        folder -> {
          Path onnx = folder.resolve("model.onnx");
          HeadWriter.write(from.onnx(), onnx, network.weights(summary.layer()), progress, cancel);
          Files.copy(from.tokenizer(), folder.resolve("tokenizer.json"));
          Path config = from.folder().resolve("config.json");
          if (Files.isRegularFile(config)) {
            Files.copy(config, folder.resolve("config.json"));
          }
          if (lens != null) {
            lens.write(folder.resolve(TunedLens.FILE), Sha256.of(onnx));
          }
        });
  }
}
