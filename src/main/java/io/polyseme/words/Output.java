package io.polyseme.words;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** Files of vectors that appear whole, by a rename, or not at all. */
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

  /** A new file beside the target, to be renamed to it. */
  static Path part(Path target) {
    // Not createTempFile: what that makes nobody else may read.
    return target.resolveSibling("%s.%s.part".formatted(target.getFileName(), UUID.randomUUID()));
  }

  static void rename(Path part, Path target) throws IOException {
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes what was begun, where it is still there. */
  static void remove(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      System.getLogger(Output.class.getName())
          .log(System.Logger.Level.WARNING, "cannot remove " + part, e);
    }
  }

  static PolysemeException failed(Path file, Throwable e) {
    return new PolysemeException(
        "cannot write word vectors to %s: %s; is the folder there, writable and not full?"
            .formatted(file, e),
        e);
  }
}
