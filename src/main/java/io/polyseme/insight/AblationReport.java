package io.polyseme.insight;

import java.util.List;
import java.util.Map;

/**
 * Which parts of a model matter for telling the senses of a word apart.
 *
 * @param layer whose hidden state was looked at
 * @param learned how many usages of each sense were learned from
 * @param told how many of each were told
 * @param accuracy of the whole model, the mean over the senses
 * @param margin of the whole model: see {@link AblatedPart#margin()}
 * @param parts those first without which the margin is least
 * @param warnings what was left out
 */
public record AblationReport(
    int layer,
    Map<String, Integer> learned,
    Map<String, Integer> told,
    double accuracy,
    double margin,
    List<AblatedPart> parts,
    List<String> warnings) {
  public AblationReport {
    learned = Map.copyOf(learned);
    told = Map.copyOf(told);
    parts = List.copyOf(parts);
    warnings = List.copyOf(warnings);
  }
}
