package io.polyseme.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** An index over the same vectors, searched in one thread. */
interface SearchSide extends AutoCloseable {
  String name();

  /** Builds it, in two threads at most; what that took, in seconds. */
  double build(SearchVectors vectors) throws IOException;

  /** The numbers of the nearest 10. */
  int[] search(float[] query, int efSearch) throws IOException;

  /** On disk. */
  long bytes() throws IOException;

  @Override
  void close() throws IOException;

  static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  static void clear(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }

  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(file -> !file.endsWith("write.lock")).toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }
}
