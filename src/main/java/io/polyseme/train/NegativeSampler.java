package io.polyseme.train;

/**
 * Draws words by a power of their counts, each in constant time and exactly: the alias method
 * (Walker 1977; Vose 1991, "A Linear Algorithm for Generating Random Numbers with a Given
 * Distribution"). Thread-safe.
 */
final class NegativeSampler {
  private static final float UNIT = 1f / (1 << 24);

  private final int[] aliases;
  private final float[] shares;

  NegativeSampler(long[] counts, double power) {
    int size = counts.length;
    aliases = new int[size];
    shares = new float[size];
    var weights = new double[size];
    double sum = 0;
    for (int i = 0; i < size; i++) {
      weights[i] = Math.pow(counts[i], power);
      sum += weights[i];
    }
    var small = new int[size];
    var large = new int[size];
    int smalls = 0;
    int larges = 0;
    for (int i = 0; i < size; i++) {
      weights[i] *= size / sum;
      if (weights[i] < 1) {
        small[smalls++] = i;
      } else {
        large[larges++] = i;
      }
    }
    while (smalls > 0 && larges > 0) {
      int less = small[--smalls];
      int more = large[--larges];
      shares[less] = (float) weights[less];
      aliases[less] = more;
      weights[more] += weights[less] - 1;
      if (weights[more] < 1) {
        small[smalls++] = more;
      } else {
        large[larges++] = more;
      }
    }
    // What is left has a weight of 1 but for rounding.
    while (larges > 0) {
      shares[large[--larges]] = 1;
    }
    while (smalls > 0) {
      shares[small[--smalls]] = 1;
    }
  }

  /**
   * Draws a word.
   *
   * @param random 64 random bits
   */
  int draw(long random) {
    int word = (int) (((random >>> 32) * shares.length) >>> 32);
    return (random & 0xFFFFFF) * UNIT < shares[word] ? word : aliases[word];
  }
}
