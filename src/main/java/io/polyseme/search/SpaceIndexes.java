package io.polyseme.search;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.index.OpenOptions;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/** HNSW twins of word spaces, each beside the file of its space. */
public final class SpaceIndexes {
  private SpaceIndexes() {}

  /**
   * Opens the twin of a space; builds it first where it is missing or older than the space.
   *
   * @param words stays the caller's to close
   * @param file of the space
   * @return the caller's to close
   */
  public static VectorIndex open(WordVectors words, Path file, Progress progress, Cancel cancel) {
    Path folder = file.resolveSibling(file.getFileName() + ".hnsw");
    SpaceInfo info = words.info();
    if (!Files.isDirectory(folder) || modified(folder).compareTo(modified(file)) < 0) {
      Indexing.buildOf(
          words, folder, Recipe.of("words:" + info.name()), System.nanoTime(), progress, cancel);
    }
    return VectorIndex.open(
        folder, OpenOptions.DEFAULT.withName(info.name()).withExpected(info.maker()));
  }

  private static FileTime modified(Path path) {
    try {
      return Files.getLastModifiedTime(path);
    } catch (IOException e) {
      throw new io.polyseme.PolysemeException("cannot read " + path + ": " + e, e);
    }
  }
}
