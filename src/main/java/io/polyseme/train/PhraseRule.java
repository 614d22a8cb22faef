package io.polyseme.train;

import io.polyseme.Ranges;

/**
 * Which neighbours in a text are joined to a phrase, a word of its own: {@code new york} becomes
 * {@code new_york}. A word {@code a} before a word {@code b} is joined to it if
 *
 * <pre>(count(a b) - minCount) / (count(a) count(b)) x words of the text &gt; threshold</pre>
 *
 * which is formula 6 of Mikolov et al., "Distributed Representations of Words and Phrases and their
 * Compositionality" (2013), by the scale and the defaults of its tool word2phrase. (gensim's
 * Phrases takes the number of different words and pairs in place of that of all words, and 10 for
 * the threshold.) Sentences are joined from left to right, and what was joined is not joined again
 * until the next pass; never over the end of a line, but over punctuation that was left out.
 *
 * @param passes how often the text is gone through, 1 to 10: each may join what those before it
 *     have joined, so that two make phrases of up to four words. All have the same threshold.
 * @param threshold how much oftener than by chance they must stand together, at least 0; higher
 *     means fewer phrases (threshold)
 * @param minCount what a pair's count is lowered by, so that rare pairs are not joined: one that
 *     occurs no oftener is none; at least 1 (min-count, min_count; the paper's delta)
 */
public record PhraseRule(int passes, double threshold, int minCount) {
  /** What stands between the words of a phrase. */
  public static final char DELIMITER = '_';

  /** word2phrase's: one pass, a threshold of 100, a least count of 5. */
  public static final PhraseRule DEFAULT = new PhraseRule(1, 100, 5);

  public PhraseRule {
    Ranges.require("passes for phrases", passes, 1, 10);
    Ranges.require("threshold of phrases", threshold, 0, 1e12);
    Ranges.require("least count of phrases", minCount, 1, Integer.MAX_VALUE);
  }

  public PhraseRule withPasses(int passes) {
    return new PhraseRule(passes, threshold, minCount);
  }

  public PhraseRule withThreshold(double threshold) {
    return new PhraseRule(passes, threshold, minCount);
  }

  public PhraseRule withMinCount(int minCount) {
    return new PhraseRule(passes, threshold, minCount);
  }

  /** The score of a pair. */
  double score(long pair, long first, long second, long words) {
    return (double) (pair - minCount) / first / second * words;
  }

  /** Whether words of these counts can be a phrase, if they always stand together. */
  boolean possible(long first, long second, long words) {
    return score(Math.min(first, second), first, second, words) > threshold;
  }
}
