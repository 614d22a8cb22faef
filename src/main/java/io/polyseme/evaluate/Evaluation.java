package io.polyseme.evaluate;

import java.util.List;

/**
 * What a test came to.
 *
 * @param scores in the order of the test's sections; summaries after what they sum up
 * @param warnings what the reader of the figures should know; often empty
 */
public record Evaluation(List<Score> scores, List<String> warnings) {
  public Evaluation {
    scores = List.copyOf(scores);
    warnings = List.copyOf(warnings);
  }

  /**
   * The first score of a section by a metric (for each layer there may be one).
   *
   * @throws IllegalArgumentException if there is none
   */
  public Score score(String section, String metric) {
    return scores.stream()
        .filter(s -> s.section().equals(section) && s.metric().equals(metric))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no %s of \"%s\"".formatted(metric, section)));
  }
}
