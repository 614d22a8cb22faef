package io.polyseme.encoder;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.graph.WeightQuantiser;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.model.ModelTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes int8 models out of float32 ones, without any data: weights by column, and on a CPU
 * activations by row, so that a text's vector does not depend on the texts beside it. Nothing but
 * products of activations with weights is computed in integers.
 */
public final class Quantiser {
  private Quantiser() {}

  /**
   * A model that was made.
   *
   * @param projections how many matrices of weights are in int8
   * @param others how many are as they were: too small, or no plain float32
   * @param bytesBefore of the float32 model's weights, in files beside it too
   * @param bytes of the new model's file
   */
  public record Result(
      ModelFiles files, int projections, int others, long bytesBefore, long bytes) {}

  /** Where the int8 model of a float32 one goes unless the caller says: in the cache. */
  public static ModelTarget target(ModelFiles from) {
    return ModelTarget.named(from.card().name() + "-int8");
  }

  /**
   * Makes a model folder: the quantised graph, the same tokenizer, and what is known of the model.
   * It appears whole or not at all. The same model gives the same file, and so the same
   * fingerprint, everywhere.
   *
   * @param store of the cache
   * @param progress told of bytes of weights
   * @throws PolysemeException if the model is no float32 model with matrices of weights, is damaged
   *     or quantised already, or would still have 2 GiB; if there is something at the target; or if
   *     it cannot be written
   * @throws io.polyseme.CancelledException if cancelled; nothing is left then
   */
  public static Result quantise(
      ModelFiles from, ModelStore store, ModelTarget target, Progress progress, Cancel cancel) {
    if (target.folder() != null && isSame(from.folder(), target.folder())) {
      throw new PolysemeException(
          "%s is the folder of the model itself: give another".formatted(target.folder()));
    }
    var report = new WeightQuantiser.Report[1];
    ModelFiles files =
        store.add(
            target,
            from.card(),
            folder -> {
              report[0] =
                  WeightQuantiser.write(
                      from.onnx(), folder.resolve("model.onnx"), progress, cancel);
              Files.copy(from.tokenizer(), folder.resolve("tokenizer.json"));
            });
    return new Result(
        files,
        report[0].projections(),
        report[0].others(),
        report[0].bytesBefore(),
        report[0].bytes());
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return Files.isSameFile(one, other);
    } catch (IOException e) {
      return false; // one of them is not there
    }
  }
}
