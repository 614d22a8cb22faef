package io.polyseme.train;

import io.polyseme.CheckpointFile;
import io.polyseme.PolysemeException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The weights of a training and how far it is: the units done; then the rows of inputs, of outputs
 * and of places, as many float32 each as there are dimensions. It is of the text's fingerprint and
 * of the options, threads aside.
 */
final class Checkpoint {
  private static final long MAGIC = 0x506F6C79547233L;

  private final CheckpointFile file;
  private final TrainingTask task;

  Checkpoint(Path file, TrainingTask task) {
    this.file = new CheckpointFile(file, MAGIC);
    this.task = task;
  }

  private String training() {
    int frozen = 0;
    for (boolean one : task.frozen()) {
      frozen += one ? 1 : 0;
    }
    return "text %x, %s, frozen %d"
        .formatted(
            task.corpus().report().fingerprint(),
            task.options().toBuilder().threads(1).build(),
            frozen);
  }

  void write(long steps) {
    Weights weights = task.weights();
    file.write(
        training(),
        out -> {
          out.writeLong(steps);
          write(out, weights.inputs, weights);
          write(out, weights.outputs, weights);
          write(out, weights.positions, weights);
        });
  }

  private static void write(DataOutputStream out, float[] rows, Weights weights)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * weights.dimension);
    for (int at = 0; at < rows.length; at += weights.width) {
      bytes.clear().asFloatBuffer().put(rows, at, weights.dimension);
      out.write(bytes.array());
    }
  }

  /**
   * Reads the weights.
   *
   * @return how many units are done; 0 where there is no checkpoint
   * @throws PolysemeException if it is damaged, or of another text or other options
   */
  long read() {
    Long steps =
        file.read(
            training(),
            in -> {
              long done = in.readLong();
              read(in, task.weights().inputs, task.weights());
              read(in, task.weights().outputs, task.weights());
              read(in, task.weights().positions, task.weights());
              return done;
            });
    return steps == null ? 0 : steps;
  }

  private static void read(DataInputStream in, float[] rows, Weights weights) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * weights.dimension);
    for (int at = 0; at < rows.length; at += weights.width) {
      in.readFully(bytes.array());
      bytes.clear().asFloatBuffer().get(rows, at, weights.dimension);
    }
  }
}
