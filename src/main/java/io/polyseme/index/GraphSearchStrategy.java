package io.polyseme.index;

import org.apache.lucene.search.knn.KnnSearchStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Says of a search how many of what it keeps are wanted in the end: then only so many of the
 * candidates are handed over as are worth comparing by their full vectors.
 */
final class GraphSearchStrategy extends KnnSearchStrategy {
  private final int wanted;
  private boolean answered;

  /**
   * @param wanted at least 1
   */
  GraphSearchStrategy(int wanted) {
    this.wanted = wanted;
  }

  /** Whether a graph of ours was asked: what it found is the answer, however many nodes it took. */
  boolean answered() {
    return answered;
  }

  /** How many of a graph's candidates to hand over. */
  static int wanted(@Nullable KnnSearchStrategy strategy, GraphFile.Entry graph, int found) {
    if (!(strategy instanceof GraphSearchStrategy ours)) {
      return found;
    }
    ours.answered = true;
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
