package io.polyseme.words;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * How fastText cuts a word, written {@code <word>}, into n-grams of characters and finds the vector
 * of each (Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information", section 3.2).
 *
 * @param minLength of an n-gram in characters (code points), fastText's minn, from 1
 * @param maxLength fastText's maxn, at least {@code minLength}
 * @param buckets how many vectors n-grams are hashed into, from 1
 */
public record SubwordRule(int minLength, int maxLength, int buckets) {
  public SubwordRule {
    if (minLength < 1 || maxLength < minLength || buckets < 1) {
      throw new IllegalArgumentException(
          "n-grams of %d to %d characters in %d buckets".formatted(minLength, maxLength, buckets));
    }
  }

  /**
   * The buckets of a word's n-grams, in fastText's order; one may come twice. Empty where the word
   * is shorter than the shortest n-gram.
   */
  public int[] bucketsOf(String word) {
    byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
    var grams = new Subwords.NGrams(this);
    var found = new int[grams.find(utf8, 0, utf8.length)];
    Arrays.setAll(found, grams::bucket);
    return found;
  }
}
