package io.polyseme;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file with what a training has come to. Big-endian: a magic number, a description of the
 * training, what it keeps, and a CRC-32 of all before it. It appears whole or not at all.
 *
 * @param magic tells it from other files
 */
public record CheckpointFile(Path file, long magic) {
  /** What is kept. */
  @FunctionalInterface
  public interface Content {
    void writeTo(DataOutputStream out) throws IOException;
  }

  /** Takes what was kept. */
  @FunctionalInterface
  public interface Reader<T> {
    T read(DataInputStream in) throws IOException;
  }

  /**
   * Writes it; one that is there is replaced at the end.
   *
   * @param training a description; the same text for the same training alone
   * @throws PolysemeException if it cannot be written
   */
  public void write(String training, Content content) {
    WholeFile.write(
        file,
        out -> {
          var checked = new CheckedOutputStream(out, new CRC32());
          var data = new DataOutputStream(checked);
          data.writeLong(magic);
          data.writeUTF(training);
          content.writeTo(data);
          data.writeLong(checked.getChecksum().getValue());
          data.flush();
        });
  }

  /**
   * Reads it.
   *
   * @return null where there is none
   * @throws PolysemeException if it is damaged, or of another training
   */
  public <T> @Nullable T read(String training, Reader<T> reader) {
    if (!Files.exists(file)) {
      return null;
    }
    try (var in =
        new CheckedInputStream(
            new BufferedInputStream(Files.newInputStream(file), 1 << 16), new CRC32())) {
      var data = new DataInputStream(in);
      if (data.readLong() != magic) {
        throw new IOException("it is no checkpoint");
      }
      if (!data.readUTF().equals(training)) {
        throw new PolysemeException(
            ("the checkpoint %s is of a training with another text or other options: go on with"
                    + " those, or remove it (--restart)")
                .formatted(file));
      }
      T content = reader.read(data);
      long sum = in.getChecksum().getValue();
      if (data.readLong() != sum) {
        throw new IOException("its checksum is wrong");
      }
      return content;
    } catch (IOException e) {
      throw new PolysemeException(
          "the checkpoint %s cannot be read: %s; remove it (--restart)".formatted(file, e), e);
    }
  }
}
