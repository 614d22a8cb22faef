package io.polyseme.train.transformer;

import io.polyseme.CheckpointFile;
import io.polyseme.PolysemeException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a training needs to go on. As a file: steps done and in all, seconds, the curve, the
 * arrays of each kind by their names.
 *
 * @param done steps
 * @param steps in all
 * @param seconds trained so far
 * @param curve what was measured so far
 * @param kinds weights, the optimiser's means and squares, the best weights
 */
record TrainingState(
    int done, int steps, double seconds, Curve curve, Map<String, Map<String, float[]>> kinds) {
  private static final long MAGIC = 0x506F6C79547267L;

  /**
   * Writes it.
   *
   * @param training a description; the same text for the same training alone
   */
  void write(Path file, String training) {
    new CheckpointFile(file, MAGIC).write(training, this::writeTo);
  }

  private void writeTo(DataOutputStream out) throws IOException {
    out.writeInt(done);
    out.writeInt(steps);
    out.writeDouble(seconds);
    curve.write(out);
    out.writeInt(kinds.size());
    for (Map.Entry<String, Map<String, float[]>> kind : kinds.entrySet()) {
      out.writeUTF(kind.getKey());
      out.writeInt(kind.getValue().size());
      for (Map.Entry<String, float[]> array : kind.getValue().entrySet()) {
        out.writeUTF(array.getKey());
        out.writeInt(array.getValue().length);
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * array.getValue().length);
        bytes.asFloatBuffer().put(array.getValue());
        out.write(bytes.array());
      }
    }
  }

  /**
   * Reads a state.
   *
   * @return null where there is none
   * @throws PolysemeException if it is damaged, or of another training
   */
  static @Nullable TrainingState read(Path file, String training) {
    return new CheckpointFile(file, MAGIC).read(training, in -> read(in, Files.size(file)));
  }

  private static TrainingState read(DataInputStream in, long size) throws IOException {
    int done = in.readInt();
    int steps = in.readInt();
    double seconds = in.readDouble();
    Curve curve = Curve.read(in);
    var kinds = new LinkedHashMap<String, Map<String, float[]>>();
    long left = size;
    for (int kind = in.readInt(); kind > 0; kind--) {
      var arrays = new LinkedHashMap<String, float[]>();
      kinds.put(in.readUTF(), arrays);
      for (int array = in.readInt(); array > 0; array--) {
        String name = in.readUTF();
        int length = in.readInt();
        left -= 4L * length;
        if (length < 0 || left < 0) {
          throw new IOException("it ends too early");
        }
        var bytes = ByteBuffer.allocate(Float.BYTES * length);
        in.readFully(bytes.array());
        var values = new float[length];
        bytes.asFloatBuffer().get(values);
        arrays.put(name, values);
      }
    }
    return new TrainingState(done, steps, seconds, curve, kinds);
  }
}
