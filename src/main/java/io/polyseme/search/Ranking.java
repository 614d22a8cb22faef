package io.polyseme.search;

import io.polyseme.index.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Orders candidates. */
final class Ranking {
  private Ranking() {}

  /** A candidate with the score that it is ordered by. */
  record Ranked(Candidate candidate, double score) {
    static final Comparator<Ranked> BEST_FIRST =
        Comparator.comparingDouble(Ranked::score)
            .reversed()
            .thenComparing(ranked -> ranked.candidate.label());

    Ranked withScore(double score) {
      return new Ranked(candidate, score);
    }
  }

  /**
   * How many of each side the scores are scaled by. Whatever the number of candidates, it is always
   * these, so that more candidates do not change the order of those before.
   */
  private static final int SCALED_BY = 100;

  /** By one of the two scores, or by both. */
  static List<Ranked> of(List<Candidate> candidates, SearchMode mode, Fusion fusion) {
    var similarities = new Scale();
    var words = new Scale();
    for (Candidate candidate : candidates) {
      if (isAmongFirst(candidate.similarityRank()) || isAmongFirst(candidate.wordsRank())) {
        similarities.add(candidate.similarity());
        words.add(candidate.words());
      }
    }
    var ranked = new ArrayList<Ranked>(candidates.size());
    for (Candidate candidate : candidates) {
      double score =
          switch (mode) {
            case VECTOR -> candidate.similarity();
            case WORDS -> candidate.words();
            case HYBRID ->
                switch (fusion) {
                  case Fusion.ReciprocalRank(double k) ->
                      reciprocal(k, candidate.similarityRank())
                          + reciprocal(k, candidate.wordsRank());
                  case Fusion.Convex(double alpha) ->
                      words.greatest > 0
                          ? alpha * similarities.of(candidate.similarity())
                              + (1 - alpha) * words.of(candidate.words())
                          : similarities.of(candidate.similarity());
                };
          };
      ranked.add(new Ranked(candidate, score));
    }
    ranked.sort(Ranked.BEST_FIRST);
    return ranked;
  }

  private static boolean isAmongFirst(int rank) {
    return rank > 0 && rank <= SCALED_BY;
  }

  /** Brings scores between 0 and 1. */
  private static final class Scale {
    private double least = Double.POSITIVE_INFINITY;
    private double greatest = Double.NEGATIVE_INFINITY;

    void add(double score) {
      least = Math.min(least, score);
      greatest = Math.max(greatest, score);
    }

    double of(double score) {
      if (greatest == least) {
        return score > 0 ? 1 : 0;
      }
      return (score - least) / (greatest - least);
    }
  }

  private static double reciprocal(double k, int rank) {
    return rank == 0 ? 0 : 1 / (k + rank);
  }

  /** Several rankings as one: each candidate counts as in the ranking that it is best in. */
  static List<Ranked> best(List<List<Ranked>> rankings) {
    Map<String, Ranked> best = new HashMap<>();
    for (List<Ranked> ranking : rankings) {
      double greatest = ranking.isEmpty() ? 1 : ranking.getFirst().score();
      for (Ranked ranked : ranking) {
        // Scores of different questions are brought to one scale by the best of each.
        Ranked scaled = ranked.withScore(greatest > 0 ? ranked.score() / greatest : ranked.score());
        best.merge(ranked.candidate().label(), scaled, (a, b) -> a.score() >= b.score() ? a : b);
      }
    }
    var all = new ArrayList<>(best.values());
    all.sort(Ranked.BEST_FIRST);
    return all;
  }
}
