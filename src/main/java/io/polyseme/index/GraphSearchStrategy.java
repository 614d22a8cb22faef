package io.polyseme.index;

import org.apache.lucene.search.knn.KnnSearchStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Says of a search how many of what it keeps are wanted in the end: then only so many of the
 * candidates are handed over as are worth comparing by their full vectors.
 */
final class GraphSearchStrategy extends KnnSearchStrategy {
  private final int wanted;

  /**
   * @param wanted at least 1
   */
  GraphSearchStrategy(int wanted) {
    this.wanted = wanted;
  }

  /** How many of a graph's candidates to hand over. */
  static int wanted(@Nullable KnnSearchStrategy strategy, GraphFile.Entry graph, int found) {
    if (!(strategy instanceof GraphSearchStrategy ours)) {
      return found;
    }
    long wanted = ours.wanted;
    long count =
        switch (graph.encoding()) {
          case FLOAT32 -> wanted;
          case INT8 -> 2 * wanted + 10;
          case INT4 -> 8 * wanted + 40;
          case INT1 -> found;
        };
    return (int) Math.min(found, count);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GraphSearchStrategy strategy && strategy.wanted == wanted;
  }

  @Override
  public int hashCode() {
    return wanted;
  }

  @Override
  public void nextVectorsBlock() {
    // Nothing is remembered.
  }
}
