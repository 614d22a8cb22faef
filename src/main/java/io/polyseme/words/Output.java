package io.polyseme.words;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a file of vectors is written. */
final class Output {
  private Output() {}

  /**
   * The file that a path names, which is replaced at the end: a link is followed.
   *
   * @throws PolysemeException if there is something that is no file: a folder, a device or a pipe,
   *     which would be replaced too
   */
  static Path target(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new PolysemeException(
          "cannot write word vectors to %s: it is a folder; give the path of a file"
              .formatted(file));
    }
    if (!Files.exists(file)) {
      return file.toAbsolutePath();
    }
    if (!Files.isRegularFile(file)) {
      throw new PolysemeException(
          "cannot write word vectors to %s: it is no regular file".formatted(file));
    }
    return file.toRealPath();
  }

  /**
   * @throws PolysemeException if both are one file
   */
  static void requireOther(Path in, Path out) {
    try {
      if (Files.exists(out) && Files.isSameFile(in, out)) {
        throw new PolysemeException(
            "%s would be written over while it is read: give another file".formatted(in));
      }
    } catch (IOException e) {
      throw new PolysemeException("cannot read " + out + ": " + e, e);
    }
  }
}
