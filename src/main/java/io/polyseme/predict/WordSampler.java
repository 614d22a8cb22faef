package io.polyseme.predict;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Draws words with replacement, by their frequency to the power of 0.75 (Mikolov et al. 2013), in
 * constant time (Vose 1991, "A linear algorithm for generating random numbers with a given
 * distribution").
 */
final class WordSampler {
  private static final double POWER = 0.75;

  private final double[] probabilities;
  private final double[] keep;
  private final int[] other;

  /**
   * @param counts of each word; those that were not counted can be drawn, too
   */
  WordSampler(long[] counts) {
    int n = counts.length;
    probabilities = new double[n];
    for (int w = 0; w < n; w++) {
      probabilities[w] = Math.pow(counts[w] + 0.5, POWER);
    }
    double sum = Arrays.stream(probabilities).sum();
    keep = new double[n];
    other = new int[n];
    var small = new int[n];
    var large = new int[n];
    int smalls = 0;
    int larges = 0;
    for (int w = 0; w < n; w++) {
      probabilities[w] /= sum;
      keep[w] = probabilities[w] * n;
      if (keep[w] < 1) {
        small[smalls++] = w;
      } else {
        large[larges++] = w;
      }
    }
    while (smalls > 0 && larges > 0) {
      int less = small[--smalls];
      int more = large[larges - 1];
      other[less] = more;
      keep[more] -= 1 - keep[less];
      if (keep[more] < 1) {
        larges--;
        small[smalls++] = more;
      }
    }
    // What is left is 1 but for rounding.
    while (smalls > 0) {
      keep[small[--smalls]] = 1;
    }
    while (larges > 0) {
      keep[large[--larges]] = 1;
    }
  }

  int draw(RandomGenerator random) {
    int w = random.nextInt(keep.length);
    return random.nextDouble() < keep[w] ? w : other[w];
  }

  double probability(int word) {
    return probabilities[word];
  }
}
