package io.polyseme.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that lies in the folder of an index from the moment its first build begins, so that an
 * unfinished or damaged index is known to be one, and may be built over and deleted.
 */
final class Marker {
  static final String FILE = "POLYSEME-INDEX.txt";

  private static final String TEXT =
      """
      This folder is an index made by Polyseme. Its files belong together.
      """;

  private Marker() {}

  static boolean isIn(Path folder) {
    return Files.isRegularFile(folder.resolve(FILE));
  }

  static void put(Path folder) throws IOException {
    if (!isIn(folder)) {
      Files.writeString(folder.resolve(FILE), TEXT);
    }
  }
}
