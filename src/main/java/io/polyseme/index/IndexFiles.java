package io.polyseme.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.IndexWriter;

/** The files of an index: told from what else may lie in its folder. */
final class IndexFiles {
  private IndexFiles() {}

  /** Whether a file of this name is one of Lucene's. */
  static boolean isPartOfIndex(String file) {
    return file.startsWith(IndexFileNames.SEGMENTS)
        || file.startsWith(IndexFileNames.PENDING_SEGMENTS)
        || file.equals(IndexWriter.WRITE_LOCK_NAME)
        || IndexFileNames.CODEC_FILE_PATTERN.matcher(file).matches();
  }

  static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> isPartOfIndex(f.getFileName().toString())).sorted().toList();
    }
  }

  static long bytes(Path folder) {
    try {
      long sum = 0;
      for (Path file : list(folder)) {
        sum += Files.size(file);
      }
      return sum;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Deletes what belongs to an index, its list of files first, and then the folder if empty. */
  static boolean delete(Path folder) throws IOException {
    for (Path file : list(folder)) {
      if (file.getFileName().toString().startsWith(IndexFileNames.SEGMENTS)) {
        Files.deleteIfExists(file);
      }
    }
    for (Path file : list(folder)) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(folder.resolve(Marker.FILE));
    try (Stream<Path> left = Files.list(folder)) {
      if (left.findAny().isPresent()) {
        return false;
      }
    }
    Files.deleteIfExists(folder);
    return true;
  }

  /** As far as it goes: after a failure there may be no more that can be done. */
  static void deleteFolder(Path folder) {
    try {
      delete(folder);
    } catch (IOException e) {
      System.getLogger(IndexFiles.class.getName())
          .log(System.Logger.Level.DEBUG, "clearing " + folder, e);
    }
  }
}
