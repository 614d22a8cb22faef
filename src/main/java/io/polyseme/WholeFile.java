package io.polyseme;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes files that appear whole, by a rename, or not at all: what stood there before stays. */
public final class WholeFile {
  private WholeFile() {}

  /** What a file is to hold. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a file; one that is there is replaced at the end.
   *
   * @throws PolysemeException if it cannot be written: it is a folder, there is no such folder, no
   *     permission, no room
   */
  public static void write(Path file, Content content) {
    Path target = file.toAbsolutePath();
    if (Files.isDirectory(target)) {
      throw new PolysemeException("%s cannot be written: it is a folder".formatted(file));
    }
    try {
      if (Files.exists(target)) {
        target = target.toRealPath(); // a link stays one
      }
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        throw new PolysemeException("%s cannot be written: it is no regular file".formatted(file));
      }
      // Not createTempFile: what that makes nobody else may read.
      Path part =
          target.resolveSibling("%s.%s.part".formatted(target.getFileName(), UUID.randomUUID()));
      try {
        try (OutputStream out =
            new BufferedOutputStream(
                Files.newOutputStream(
                    part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                1 << 16)) {
          content.writeTo(out);
        }
        Files.move(
            part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (NoSuchFileException e) {
      throw new PolysemeException(
          "%s cannot be written: there is no such folder".formatted(file), e);
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be written: %s".formatted(file, e), e);
    }
  }
}
