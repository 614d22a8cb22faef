package io.polyseme.train;

import io.polyseme.PolysemeException;
import io.polyseme.WholeFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * A file with the weights of a training and how far it is. Numbers are big-endian: a magic number,
 * the text's fingerprint, the options as they are written (threads aside), the units done; then the
 * rows of inputs, of outputs and of places, as many float32 each as there are dimensions; last a
 * CRC-32 of all before it.
 */
final class Checkpoint {
  private static final long MAGIC = 0x506F6C79547232L;

  private final Path file;
  private final TrainingTask task;

  Checkpoint(Path file, TrainingTask task) {
    this.file = file;
    this.task = task;
  }

  private String options() {
    int frozen = 0;
    for (boolean one : task.frozen()) {
      frozen += one ? 1 : 0;
    }
    return task.options().toBuilder().threads(1).build() + ", frozen " + frozen;
  }

  void write(long steps) {
    Weights weights = task.weights();
    WholeFile.write(
        file,
        out -> {
          var checked = new CheckedOutputStream(out, new CRC32());
          var data = new DataOutputStream(checked);
          data.writeLong(MAGIC);
          data.writeLong(task.corpus().report().fingerprint());
          data.writeUTF(options());
          data.writeLong(steps);
          write(data, weights.inputs, weights);
          write(data, weights.outputs, weights);
          write(data, weights.positions, weights);
          data.writeLong(checked.getChecksum().getValue());
          data.flush();
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
    if (!Files.exists(file)) {
      return 0;
    }
    try (var in =
        new CheckedInputStream(
            new BufferedInputStream(Files.newInputStream(file), 1 << 16), new CRC32())) {
      var data = new DataInputStream(in);
      if (data.readLong() != MAGIC) {
        throw new IOException("it is no checkpoint");
      }
      boolean same = data.readLong() == task.corpus().report().fingerprint();
      same &= data.readUTF().equals(options());
      if (!same) {
        throw new PolysemeException(
            ("the checkpoint %s is of a training with another text or other options: go on with"
                    + " those, or remove it (--restart)")
                .formatted(file));
      }
      long steps = data.readLong();
      read(data, task.weights().inputs, task.weights());
      read(data, task.weights().outputs, task.weights());
      read(data, task.weights().positions, task.weights());
      long sum = in.getChecksum().getValue();
      if (data.readLong() != sum) {
        throw new IOException("its checksum is wrong");
      }
      return steps;
    } catch (IOException e) {
      throw new PolysemeException(
          "the checkpoint %s cannot be read: %s; remove it (--restart)".formatted(file, e), e);
    }
  }

  private static void read(DataInputStream in, float[] rows, Weights weights) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * weights.dimension);
    for (int at = 0; at < rows.length; at += weights.width) {
      in.readFully(bytes.array());
      bytes.clear().asFloatBuffer().get(rows, at, weights.dimension);
    }
  }
}
