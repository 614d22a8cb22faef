package io.polyseme.corpus;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files below files and folders. */
public final class TextFiles {
  private TextFiles() {}

  /**
   * Files as they are given, and for folders all files below them in the order of their paths, but
   * for those whose names begin with a dot.
   *
   * @throws PolysemeException if something is not there or there is no file
   */
  public static List<Path> list(List<Path> from) {
    var files = new ArrayList<Path>();
    for (Path path : from) {
      if (!Files.exists(path)) {
        throw new PolysemeException("there is no file or folder " + path);
      }
      if (!Files.isDirectory(path)) {
        files.add(path);
        continue;
      }
      try (Stream<Path> found = Files.walk(path)) {
        found
            .filter(file -> !hidden(path.relativize(file)) && Files.isRegularFile(file))
            .sorted()
            .forEach(files::add);
      } catch (IOException | UncheckedIOException e) {
        throw new PolysemeException("cannot read the folder " + path + ": " + e.getMessage(), e);
      }
    }
    if (files.isEmpty()) {
      throw new PolysemeException("there is no file in " + from.getFirst());
    }
    return files;
  }

  private static boolean hidden(Path relative) {
    for (Path name : relative) {
      if (name.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }
}
