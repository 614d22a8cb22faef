package io.polyseme.collection;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.cluster.NeighbourGraph;
import io.polyseme.vector.TopK;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Near-duplicates by meaning, and which of them can go: the semantic deduplication of Abbas,
 * Tirumala, Simig, Ganguli and Morcos 2023 ("SemDeDup"), by each text's nearest ones instead of
 * within k-means clusters, so that no pair is missed for lying on a border. Texts are gone through
 * in the order in which they would be kept; one that is not near enough to any kept before is kept,
 * and stands for those near it (leader clustering, Hartigan 1975). So no two kept texts are
 * duplicates, and each removed one is a duplicate of a kept one: groups do not chain from text to
 * text, as connected components would.
 *
 * <p>Through the index's graph a few duplicates may be missed. The outcome does not depend on the
 * number of threads. Thread-safe.
 */
public final class Deduplication {
  /** How many neighbours are looked at first; where all are duplicates, more. */
  private static final int NEIGHBOURS = 10;

  private final TextCollection texts;
  private final DuplicateOptions options;

  /**
   * @param texts stay the caller's to close
   */
  public Deduplication(TextCollection texts, DuplicateOptions options) {
    this.texts = texts;
    this.options = options;
  }

  public Duplicates find(Progress progress, Cancel cancel) {
    NeighbourGraph graph = texts.neighbours(NEIGHBOURS, progress, cancel);
    int n = texts.size();
    var leaders = new int[n];
    var scores = new double[n];
    Arrays.fill(leaders, -1);
    Arrays.fill(scores, Double.NEGATIVE_INFINITY);
    int done = 0;
    for (int row : order(graph)) {
      if (done++ % 256 == 0) {
        cancel.check();
        progress.update("choosing what is kept", done, n);
      }
      if (leaders[row] >= 0) {
        continue;
      }
      TopK.Best near = near(graph, row);
      for (int i = 0; i < near.rows().length; i++) {
        int other = near.rows()[i];
        // A kept one that did not find this one through the graph.
        if (leaders[other] == other && near.scores()[i] > scores[row]) {
          leaders[row] = other;
          scores[row] = near.scores()[i];
        }
      }
      if (leaders[row] >= 0) {
        continue;
      }
      leaders[row] = row;
      scores[row] = Double.POSITIVE_INFINITY;
      for (int i = 0; i < near.rows().length; i++) {
        int other = near.rows()[i];
        if (leaders[other] < 0 || near.scores()[i] > scores[other]) {
          leaders[other] = row;
          scores[other] = near.scores()[i];
        }
      }
    }
    progress.update("choosing what is kept", n, n);
    return new Duplicates(texts, leaders);
  }

  /** All that are near enough to be duplicates. */
  private TopK.Best near(NeighbourGraph graph, int row) {
    int count = graph.count(row);
    int near = 0;
    while (near < count && graph.cosine(row, near) >= options.minScore()) {
      near++;
    }
    if (near < graph.k() || graph.k() == texts.size() - 1) {
      var rows = new int[near];
      var cosines = new double[near];
      for (int i = 0; i < near; i++) {
        rows[i] = graph.neighbour(row, i);
        cosines[i] = graph.cosine(row, i);
      }
      return new TopK.Best(rows, cosines);
    }
    int k = graph.k();
    TopK.Best found;
    do {
      k = (int) Math.min(texts.size() - 1, 4L * k);
      found = texts.nearest(row, k);
      near = 0;
      while (near < found.rows().length && found.scores()[near] >= options.minScore()) {
        near++;
      }
    } while (near == k && k < texts.size() - 1);
    return new TopK.Best(Arrays.copyOf(found.rows(), near), Arrays.copyOf(found.scores(), near));
  }

  private int[] order(NeighbourGraph graph) {
    Integer[] order = new Integer[texts.size()];
    Arrays.setAll(order, row -> row);
    switch (options.keep()) {
      case FIRST -> {}
      case LONGEST ->
          Arrays.sort(order, Comparator.comparingInt((Integer row) -> -texts.length(row)));
      case CENTRAL -> {
        var sums = new double[order.length];
        for (int row = 0; row < sums.length; row++) {
          for (int i = 0; i < graph.count(row) && graph.cosine(row, i) >= options.minScore(); i++) {
            sums[row] += 1 + graph.cosine(row, i);
          }
        }
        Arrays.sort(order, Comparator.comparingDouble((Integer row) -> -sums[row]));
      }
    }
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }
}
