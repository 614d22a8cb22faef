package io.polyseme.search;

/** How the rankings by vectors and by words become one. */
public sealed interface Fusion {
  /**
   * Both count alike. Of what was tried on the odd queries of Cranfield weights from 0.4 to 0.7 did
   * equally well, and better than ranks; where one side is much the better one, as words are for
   * questions that quote a paragraph, ranks lose its lead, and this does not.
   */
  Fusion DEFAULT = new Convex(0.5);

  /**
   * The sum of {@code 1 / (k + rank)} over both rankings (Cormack, Clarke and Büttcher 2009,
   * "Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning Methods").
   *
   * @param k from 0; the greater, the less the first ranks stand out
   */
  record ReciprocalRank(double k) implements Fusion {
    public ReciprocalRank {
      if (!(k >= 0) || Double.isInfinite(k)) {
        throw new IllegalArgumentException("the k of reciprocal rank fusion is from 0: " + k);
      }
    }
  }

  /**
   * A weighted mean of both scores, each made 0 for the least and 1 for the greatest among the best
   * hundred by vectors and the best hundred by words (Bruch, Gai and Ingber 2023, "An Analysis of
   * Fusion Functions for Hybrid Retrieval", section 4.1).
   *
   * @param alpha the weight of the vectors, from 0 to 1
   */
  record Convex(double alpha) implements Fusion {
    public Convex {
      if (!(alpha >= 0 && alpha <= 1)) {
        throw new IllegalArgumentException("the weight of a fusion is from 0 to 1: " + alpha);
      }
    }
  }
}
