package io.polyseme.evaluate;

import io.polyseme.evaluate.RetrievalSet.Part;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What several ways of searching came to on the same queries.
 *
 * @param scores of each way, by its name; sections are sets and their halves
 * @param comparisons of pairs of ways, section by section, measure by measure
 */
public record RetrievalScores(Map<String, List<Score>> scores, List<Comparison> comparisons) {
  /**
   * How much better one way of searching is than another.
   *
   * @param section as in the scores
   * @param metric as in the scores
   * @param primary whether this is the set's own measure: MRR@10 where each query has one relevant
   *     document, otherwise nDCG@10
   * @param name the one
   * @param other the best, by this measure in this section, of those it is held against
   * @param difference of the means, greater than 0 where the one is better
   * @param low the lower end of the difference's 95 % interval, by bootstrap over queries
   * @param high the upper end
   * @param p two-sided, by the paired randomisation test of Smucker, Allan and Carterette 2007
   */
  public record Comparison(
      String section,
      String metric,
      boolean primary,
      String name,
      String other,
      double difference,
      double low,
      double high,
      double p) {}

  public RetrievalScores {
    var copies = new LinkedHashMap<String, List<Score>>();
    scores.forEach((name, own) -> copies.put(name, List.copyOf(own)));
    scores = Collections.unmodifiableMap(copies);
    comparisons = List.copyOf(comparisons);
  }

  /** A section's name: that of the set, with the half of its queries where it is one. */
  static String section(RetrievalSet set, Part part) {
    return switch (part) {
      case ALL -> set.name();
      case ODD -> set.name() + " (odd queries)";
      case EVEN -> set.name() + " (even queries)";
    };
  }

  /**
   * One score.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Score score(String name, String section, RetrievalMeasure measure) {
    return new Evaluation(scores.getOrDefault(name, List.of()), List.of())
        .score(section, measure.toString());
  }
}
