package io.polyseme.words;

import io.polyseme.vector.Rows;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The vector of a word that a fastText model has not seen: the mean of the vectors of its n-grams,
 * as {@code fasttext print-word-vectors} computes it. Thread-safe.
 */
final class Subwords {
  /** fastText's end of sentence: a word without n-grams. */
  private static final String END_OF_SENTENCE = "</s>";

  private final SubwordRule rule;
  private final Rows buckets;

  /**
   * @param buckets the vectors that n-grams are hashed into, {@link SubwordRule#buckets()} of them
   */
  Subwords(SubwordRule rule, Rows buckets) {
    if (buckets.count() != rule.buckets()) {
      throw new IllegalArgumentException(
          "%d vectors for %d buckets".formatted(buckets.count(), rule.buckets()));
    }
    this.rule = rule;
    this.buckets = buckets;
  }

  /**
   * The vector of a word.
   *
   * @return float[dimension], the caller's; empty where the word has no n-gram, as one that is
   *     shorter than the shortest
   */
  Optional<float[]> vector(String word) {
    if (word.isEmpty() || word.equals(END_OF_SENTENCE)) {
      return Optional.empty();
    }
    byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
    var grams = new NGrams(rule);
    int count = grams.find(utf8, 0, utf8.length);
    if (count == 0) {
      return Optional.empty();
    }
    var sum = new float[buckets.dimension()];
    var row = new float[buckets.dimension()];
    for (int i = 0; i < count; i++) {
      buckets.get(grams.bucket(i), row);
      add(row, sum, 0);
    }
    scale(sum, 0, sum.length, count);
    return Optional.of(sum);
  }

  static boolean isEndOfSentence(byte[] b, int from, int to) {
    return Arrays.equals(b, from, to, END_OF_SENTENCE.getBytes(StandardCharsets.US_ASCII), 0, 4);
  }

  static void add(float[] row, float[] sum, int at) {
    for (int j = 0; j < row.length; j++) {
      sum[at + j] += row[j];
    }
  }

  /** Divides by the count as fastText does: by a product with its inverse as a float. */
  static void scale(float[] sum, int at, int dimension, int count) {
    float inverse = (float) (1.0 / count);
    for (int j = at; j < at + dimension; j++) {
      sum[j] *= inverse;
    }
  }

  /**
   * The n-grams of words, as the buckets they are hashed into. The words are bytes, as fastText has
   * them, and a character begins with each byte that does not continue one. For one thread.
   */
  static final class NGrams {
    private static final int FNV_OFFSET = (int) 2166136261L;
    private static final int FNV_PRIME = 16777619;

    private final SubwordRule rule;
    private byte[] word = new byte[64];
    private int[] found = new int[64];

    NGrams(SubwordRule rule) {
      this.rule = rule;
    }

    int bucket(int i) {
      return found[i];
    }

    /**
     * Finds the n-grams of a word, in fastText's order (its {@code Dictionary::computeSubwords}).
     *
     * @return how many
     */
    int find(byte[] b, int from, int to) {
      int length = to - from + 2;
      if (word.length < length) {
        word = new byte[2 * length];
      }
      word[0] = '<';
      System.arraycopy(b, from, word, 1, to - from);
      word[length - 1] = '>';
      int count = 0;
      for (int i = 0; i < length; i++) {
        if (continues(word[i])) {
          continue;
        }
        int hash = FNV_OFFSET;
        int j = i;
        for (int n = 1; j < length && n <= rule.maxLength(); n++) {
          do {
            // FNV-1a, but for the sign of the byte, which fastText extends: the hashes of all
            // models in the world are made so.
            hash = (hash ^ word[j++]) * FNV_PRIME;
          } while (j < length && continues(word[j]));
          // "<" and ">" alone say nothing of the word.
          if (n >= rule.minLength() && !(n == 1 && (i == 0 || j == length))) {
            if (count == found.length) {
              found = Arrays.copyOf(found, 2 * count);
            }
            found[count++] = Integer.remainderUnsigned(hash, rule.buckets());
          }
        }
      }
      return count;
    }

    private static boolean continues(byte b) {
      return (b & 0xc0) == 0x80;
    }
  }
}
