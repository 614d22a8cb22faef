package io.polyseme.train;

import io.polyseme.words.SubwordRule;
import java.util.Arrays;
import java.util.List;

/**
 * Where the rows are whose mean is a word's vector: its own, and those of its n-grams, which are
 * behind those of all words (Bojanowski et al. 2017). Thread-safe.
 */
final class SubwordRows {
  private final int[] starts;
  private final int[] places;

  /**
   * @param width a row's length
   */
  SubwordRows(List<String> words, SubwordRule rule, int width) {
    starts = new int[words.size() + 1];
    int[] all = new int[16 * words.size()];
    int count = 0;
    for (int word = 0; word < words.size(); word++) {
      int[] buckets = rule.bucketsOf(words.get(word));
      if (count + buckets.length + 1 > all.length) {
        all = Arrays.copyOf(all, Math.max(2 * all.length, count + buckets.length + 1));
      }
      all[count++] = word * width;
      for (int bucket : buckets) {
        all[count++] = (words.size() + bucket) * width;
      }
      starts[word + 1] = count;
    }
    places = Arrays.copyOf(all, count);
  }

  int count(int word) {
    return starts[word + 1] - starts[word];
  }

  /** The most rows of a word. */
  int most() {
    int most = 0;
    for (int word = 0; word + 1 < starts.length; word++) {
      most = Math.max(most, count(word));
    }
    return most;
  }

  /**
   * Copies where a word's rows begin.
   *
   * @return where the next may be put
   */
  int copy(int word, int[] into, int at) {
    int count = count(word);
    System.arraycopy(places, starts[word], into, at, count);
    return at + count;
  }
}
