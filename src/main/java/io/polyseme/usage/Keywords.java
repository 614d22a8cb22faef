package io.polyseme.usage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The words that set groups of texts apart: log-odds ratios with an informative Dirichlet prior, in
 * standard deviations (Monroe, Colaresi and Quinn 2008, "Fightin' Words: Lexical Feature Selection
 * and Evaluation for Identifying the Content of Political Conflict", equations 15 to 22). The prior
 * is how frequent the words are in all groups together; a text counts a word once.
 */
final class Keywords {
  /** How many texts the prior weighs. */
  private static final double PRIOR = 10;

  /** Less than this (in standard deviations) may be chance. */
  private static final double LEAST = 1.96;

  private static final int LEAST_COUNT = 2;

  private Keywords() {}

  /**
   * @param texts the words of each
   * @param groups the number of each text's group, from 0
   * @param most how many words of a group
   * @return by group
   */
  static List<List<ScoredWord>> of(List<Set<String>> texts, int[] groups, int count, int most) {
    var counts = new ArrayList<Map<String, Integer>>();
    Map<String, Integer> all = new HashMap<>();
    var totals = new double[count];
    double total = 0;
    for (int g = 0; g < count; g++) {
      counts.add(new HashMap<>());
    }
    for (int i = 0; i < groups.length; i++) {
      for (String word : texts.get(i)) {
        counts.get(groups[i]).merge(word, 1, Integer::sum);
        all.merge(word, 1, Integer::sum);
        totals[groups[i]]++;
        total++;
      }
    }
    double prior = texts.isEmpty() ? 0 : PRIOR * total / texts.size();
    var keywords = new ArrayList<List<ScoredWord>>();
    for (int g = 0; g < count; g++) {
      var scored = new ArrayList<ScoredWord>();
      for (Map.Entry<String, Integer> entry : counts.get(g).entrySet()) {
        int here = entry.getValue();
        int everywhere = all.get(entry.getKey());
        double weight = prior * everywhere / total;
        double a = here + weight;
        double b = everywhere - here + weight;
        double odds =
            Math.log(a / (totals[g] + prior - a)) - Math.log(b / (total - totals[g] + prior - b));
        double score = odds / Math.sqrt(1 / a + 1 / b);
        if (here >= LEAST_COUNT && score >= LEAST) {
          scored.add(new ScoredWord(entry.getKey(), score, here));
        }
      }
      scored.sort(
          Comparator.comparingDouble((ScoredWord it) -> -it.score())
              .thenComparing(ScoredWord::word));
      keywords.add(List.copyOf(scored.subList(0, Math.min(most, scored.size()))));
    }
    return keywords;
  }
}
