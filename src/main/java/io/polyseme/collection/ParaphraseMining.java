package io.polyseme.collection;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.cluster.NeighbourGraph;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * The pairs of a collection's texts that say the same: of each text and its nearest others, every
 * pair once. It is what {@code paraphrase_mining} of sentence-transformers (Reimers and Gurevych
 * 2019, "Sentence-BERT") finds, but that a text that is there several times counts once: a pair of
 * equal texts is a copy and no paraphrase.
 *
 * <p>Few texts are compared all with all, more through the index's graph. Memory grows with the
 * number of texts times that of neighbours, eight bytes each, and the number of pairs asked for.
 * The outcome does not depend on the number of threads. Thread-safe.
 */
public final class ParaphraseMining {
  private static final Comparator<Found> BEST_FIRST =
      Comparator.comparingDouble((Found it) -> -it.score)
          .thenComparingInt(it -> it.a)
          .thenComparingInt(it -> it.b);

  private final TextCollection texts;
  private final MiningOptions options;

  private record Found(int a, int b, double score) {}

  private interface Sink {
    void pair(int a, int b, double score);
  }

  /**
   * @param texts stay the caller's to close
   */
  public ParaphraseMining(TextCollection texts, MiningOptions options) {
    this.texts = texts;
    this.options = options;
  }

  /**
   * The nearest pairs.
   *
   * @param top at most so many, from 1
   * @return best first; of equally near ones that which comes first in the index
   */
  public List<Pair> best(int top, Progress progress, Cancel cancel) {
    if (top < 1) {
      throw new IllegalArgumentException("top must be at least 1: " + top);
    }
    var best = new PriorityQueue<Found>(BEST_FIRST.reversed());
    mine(
        (a, b, score) -> {
          var found = new Found(a, b, score);
          if (best.size() < top) {
            best.add(found);
          } else if (BEST_FIRST.compare(found, best.peek()) < 0) {
            best.poll();
            best.add(found);
          }
        },
        progress,
        cancel);
    List<Found> sorted = best.stream().sorted(BEST_FIRST).toList();
    var pairs = new ArrayList<Pair>(sorted.size());
    for (Found it : sorted) {
      cancel.check();
      pairs.add(pair(pairs.size() + 1, it.a, it.b, it.score));
    }
    return pairs;
  }

  /**
   * Every pair, as it is found; none is held.
   *
   * @param sink called in this thread
   */
  public void forEach(Consumer<Pair> sink, Progress progress, Cancel cancel) {
    var count = new int[1];
    mine((a, b, score) -> sink.accept(pair(++count[0], a, b, score)), progress, cancel);
  }

  private void mine(Sink sink, Progress progress, Cancel cancel) {
    texts.neighbours(
        options.neighbours(),
        (graph, from, to) -> {
          for (int row = from; row < to; row++) {
            mine(graph, row, sink);
          }
        },
        progress,
        cancel);
  }

  /** The pairs of a row that are not told of already, or will be later. */
  private void mine(NeighbourGraph graph, int row, Sink sink) {
    for (int i = 0; i < graph.count(row) && graph.cosine(row, i) >= options.minScore(); i++) {
      int other = graph.neighbour(row, i);
      // A pair is told of with the first of its rows that has the other among its neighbours.
      if (other > row || !graph.has(other, row)) {
        sink.pair(Math.min(row, other), Math.max(row, other), texts.cosine(row, other));
      }
    }
  }

  private Pair pair(int rank, int a, int b, double score) {
    return new Pair(rank, score, texts.member(a), texts.member(b));
  }
}
