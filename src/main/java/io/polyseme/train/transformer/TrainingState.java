package io.polyseme.train.transformer;

import io.polyseme.PolysemeException;
import io.polyseme.WholeFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * All that a training needs to go on. As a file, big-endian: a magic number, the options as they
 * are written, steps done and in all, seconds, the curve, the arrays of each kind by their names,
 * and a CRC-32 of all before it.
 *
 * @param options the same text means the same training
 * @param done steps
 * @param steps in all
 * @param seconds trained so far
 * @param curve what was measured so far
 * @param kinds weights, the optimiser's means and squares, the best weights
 */
record TrainingState(
    String options,
    int done,
    int steps,
    double seconds,
    Curve curve,
    Map<String, Map<String, float[]>> kinds) {
  private static final long MAGIC = 0x506F6C79547266L;

  void write(Path file) {
    WholeFile.write(
        file,
        out -> {
          var checked = new CheckedOutputStream(out, new CRC32());
          var data = new DataOutputStream(checked);
          data.writeLong(MAGIC);
          data.writeUTF(options);
          data.writeInt(done);
          data.writeInt(steps);
          data.writeDouble(seconds);
          curve.write(data);
          data.writeInt(kinds.size());
          for (Map.Entry<String, Map<String, float[]>> kind : kinds.entrySet()) {
            data.writeUTF(kind.getKey());
            data.writeInt(kind.getValue().size());
            for (Map.Entry<String, float[]> array : kind.getValue().entrySet()) {
              data.writeUTF(array.getKey());
              data.writeInt(array.getValue().length);
              ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * array.getValue().length);
              bytes.asFloatBuffer().put(array.getValue());
              data.write(bytes.array());
            }
          }
          data.writeLong(checked.getChecksum().getValue());
          data.flush();
        });
  }

  /**
   * Reads a state.
   *
   * @return null where there is none
   * @throws PolysemeException if it is damaged, or of another training
   */
  static @Nullable TrainingState read(Path file, String options) {
    if (!Files.exists(file)) {
      return null;
    }
    try (var in =
        new CheckedInputStream(
            new BufferedInputStream(Files.newInputStream(file), 1 << 18), new CRC32())) {
      var data = new DataInputStream(in);
      if (data.readLong() != MAGIC) {
        throw new IOException("it is no checkpoint");
      }
      if (!data.readUTF().equals(options)) {
        throw new PolysemeException(
            ("the checkpoint %s is of a training with another text or other options: go on with"
                    + " those, or remove it (--restart)")
                .formatted(file));
      }
      int done = data.readInt();
      int steps = data.readInt();
      double seconds = data.readDouble();
      Curve curve = Curve.read(data);
      var kinds = new LinkedHashMap<String, Map<String, float[]>>();
      long left = Files.size(file);
      for (int kind = data.readInt(); kind > 0; kind--) {
        var arrays = new LinkedHashMap<String, float[]>();
        kinds.put(data.readUTF(), arrays);
        for (int array = data.readInt(); array > 0; array--) {
          String name = data.readUTF();
          int length = data.readInt();
          left -= 4L * length;
          if (length < 0 || left < 0) {
            throw new IOException("it ends too early");
          }
          var bytes = ByteBuffer.allocate(Float.BYTES * length);
          data.readFully(bytes.array());
          var values = new float[length];
          bytes.asFloatBuffer().get(values);
          arrays.put(name, values);
        }
      }
      long sum = in.getChecksum().getValue();
      if (data.readLong() != sum) {
        throw new IOException("its checksum is wrong");
      }
      return new TrainingState(options, done, steps, seconds, curve, kinds);
    } catch (IOException e) {
      throw new PolysemeException(
          "the checkpoint %s cannot be read: %s; remove it (--restart)".formatted(file, e), e);
    }
  }
}
