package io.polyseme.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How good a ranking is for one query, from 0 to 1, as trec_eval computes it: a document is
 * relevant if its grade is greater than 0, one that was not judged is not, and all that were judged
 * relevant count, found or not.
 *
 * @param kind what is measured
 * @param depth how many documents of the ranking are looked at, at least 1
 */
public record RetrievalMeasure(Kind kind, int depth) {
  /** The kinds of measures. */
  public enum Kind {
    /**
     * Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002): the grade of the
     * document at rank r (from 1) divided by log2(r + 1), summed, as a part of what the best
     * ranking of all judged documents would have.
     */
    NDCG,
    /** One by the rank of the first relevant document; 0 where there is none. */
    RECIPROCAL_RANK,
    /** The share of the relevant documents that were found. */
    RECALL
  }

  public static final RetrievalMeasure NDCG_10 = new RetrievalMeasure(Kind.NDCG, 10);
  public static final RetrievalMeasure MRR_10 = new RetrievalMeasure(Kind.RECIPROCAL_RANK, 10);
  public static final RetrievalMeasure RECALL_10 = new RetrievalMeasure(Kind.RECALL, 10);
  public static final RetrievalMeasure RECALL_100 = new RetrievalMeasure(Kind.RECALL, 100);

  /** Those that are reported. */
  static final List<RetrievalMeasure> ALL = List.of(NDCG_10, MRR_10, RECALL_10, RECALL_100);

  /** How far down a ranking any of {@link #ALL} looks. */
  static final int DEEPEST = ALL.stream().mapToInt(RetrievalMeasure::depth).max().orElseThrow();

  public RetrievalMeasure {
    if (depth < 1) {
      throw new IllegalArgumentException("depth must be at least 1: " + depth);
    }
  }

  /**
   * The measure of a ranking.
   *
   * @param ranking ids of documents, the best first; each once
   * @param grades of the judged documents; with none that is relevant, the measure is 0
   * @throws IllegalArgumentException if a document is in the ranking twice
   */
  public double of(List<String> ranking, Map<String, Integer> grades) {
    if (ranking.stream().distinct().count() < ranking.size()) {
      throw new IllegalArgumentException("a document is ranked twice");
    }
    int[] found =
        ranking.stream().limit(depth).mapToInt(id -> gain(grades.getOrDefault(id, 0))).toArray();
    int[] best = grades.values().stream().mapToInt(RetrievalMeasure::gain).sorted().toArray();
    long relevant = IntStream.of(best).filter(gain -> gain > 0).count();
    if (relevant == 0) {
      return 0;
    }
    return switch (kind) {
      case NDCG -> {
        int[] ideal =
            IntStream.range(0, Math.min(depth, best.length))
                .map(i -> best[best.length - 1 - i])
                .toArray();
        yield discounted(found) / discounted(ideal);
      }
      case RECIPROCAL_RANK ->
          IntStream.range(0, found.length)
              .filter(i -> found[i] > 0)
              .mapToDouble(i -> 1.0 / (i + 1))
              .findFirst()
              .orElse(0);
      case RECALL -> (double) IntStream.of(found).filter(gain -> gain > 0).count() / relevant;
    };
  }

  private static int gain(int grade) {
    return Math.max(0, grade);
  }

  private static double discounted(int[] gains) {
    double sum = 0;
    for (int i = 0; i < gains.length; i++) {
      sum += gains[i] * Math.log(2) / Math.log(i + 2);
    }
    return sum;
  }

  /** As it is called in the field, {@code nDCG@10} say. */
  @Override
  public String toString() {
    String name =
        switch (kind) {
          case NDCG -> "nDCG";
          case RECIPROCAL_RANK -> "MRR";
          case RECALL -> kind.name().toLowerCase(Locale.ROOT);
        };
    return name + "@" + depth;
  }
}
