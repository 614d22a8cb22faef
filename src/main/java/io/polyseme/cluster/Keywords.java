package io.polyseme.cluster;

import com.carrotsearch.hppc.IntIntHashMap;
import com.carrotsearch.hppc.ObjectIntHashMap;
import com.carrotsearch.hppc.cursors.IntIntCursor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * The words that set groups of texts apart: log-odds ratios with an informative Dirichlet prior, in
 * standard deviations (Monroe, Colaresi and Quinn 2008, "Fightin' Words: Lexical Feature Selection
 * and Evaluation for Identifying the Content of Political Conflict", equations 15 to 22). The prior
 * is how frequent the words are in all groups together; a text counts a word once.
 *
 * <p>Texts are counted one by one and not held. Not thread-safe.
 */
public final class Keywords {
  /** How many texts the prior weighs. */
  private static final double PRIOR = 10;

  /** Less than this (in standard deviations) may be chance. */
  private static final double LEAST = 1.96;

  private static final int LEAST_COUNT = 2;

  private final ObjectIntHashMap<String> numbers = new ObjectIntHashMap<>();
  private final List<String> words = new ArrayList<>();
  private final IntIntHashMap everywhere = new IntIntHashMap();
  private final IntIntHashMap[] counts;
  private final long[] totals;
  private long texts;
  private long total;

  /**
   * @param groups how many there are
   */
  public Keywords(int groups) {
    this.counts = new IntIntHashMap[groups];
    for (int g = 0; g < groups; g++) {
      counts[g] = new IntIntHashMap();
    }
    this.totals = new long[groups];
  }

  /**
   * Counts a text.
   *
   * @param group its number, from 0
   * @param words those in it
   */
  public void add(int group, Set<String> words) {
    texts++;
    for (String word : words) {
      int number = numbers.getOrDefault(word, -1);
      if (number < 0) {
        number = this.words.size();
        numbers.put(word, number);
        this.words.add(word);
      }
      counts[group].addTo(number, 1);
      everywhere.addTo(number, 1);
    }
    totals[group] += words.size();
    total += words.size();
  }

  /**
   * The words that set a group apart from all others together, best first.
   *
   * @param most at most so many
   */
  public List<ScoredWord> of(int group, int most) {
    double prior = texts == 0 ? 0 : PRIOR * total / texts;
    var scored = new ArrayList<ScoredWord>();
    for (IntIntCursor entry : counts[group]) {
      int here = entry.value;
      int all = everywhere.get(entry.key);
      double weight = prior * all / total;
      double a = here + weight;
      double b = all - here + weight;
      double odds =
          Math.log(a / (totals[group] + prior - a))
              - Math.log(b / (total - totals[group] + prior - b));
      double score = odds / Math.sqrt(1 / a + 1 / b);
      if (here >= LEAST_COUNT && score >= LEAST) {
        scored.add(new ScoredWord(words.get(entry.key), score, here));
      }
    }
    scored.sort(
        Comparator.comparingDouble((ScoredWord it) -> -it.score()).thenComparing(ScoredWord::word));
    return List.copyOf(scored.subList(0, Math.min(most, scored.size())));
  }
}
