package io.polyseme.evaluate;

import io.polyseme.vector.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/** Senses told by the nearest usages whose sense is known. Immutable and thread-safe. */
final class NearestUsages {
  private final List<float[]> vectors;
  private final int[] senses;
  private final int count;

  /**
   * @param vectors of unit length
   * @param senses of each, from 0
   * @param count how many senses there are
   */
  NearestUsages(List<float[]> vectors, int[] senses, int count) {
    this.vectors = vectors;
    this.senses = senses;
    this.count = count;
  }

  /**
   * The sense that the nearest usages have, each counting by the cube of its cosine.
   *
   * @param usage its number among the vectors
   * @param known which others may be asked
   * @param k how many
   * @return {@link SenseOutcome#NONE} where there is none to ask
   */
  int told(int usage, IntPredicate known, int k) {
    var nearest = new int[k];
    var cosines = new double[k];
    int found = 0;
    for (int other = 0; other < vectors.size(); other++) {
      if (other == usage || !known.test(other)) {
        continue;
      }
      double cosine = Vectors.dot(vectors.get(usage), vectors.get(other));
      if (found == k && cosine <= cosines[k - 1]) {
        continue;
      }
      int at = found < k ? found++ : k - 1;
      for (; at > 0 && cosines[at - 1] < cosine; at--) {
        cosines[at] = cosines[at - 1];
        nearest[at] = nearest[at - 1];
      }
      cosines[at] = cosine;
      nearest[at] = other;
    }
    if (found == 0) {
      return SenseOutcome.NONE;
    }
    var weights = new double[count];
    for (int i = 0; i < found; i++) {
      weights[senses[nearest[i]]] += Math.pow(Math.max(0, cosines[i]), 3);
    }
    double most = Arrays.stream(weights).max().orElseThrow();
    // Where all are beyond a right angle, the nearest of them says it.
    for (int i = 0; i < found; i++) {
      if (weights[senses[nearest[i]]] == most) {
        return senses[nearest[i]];
      }
    }
    throw new AssertionError("one of them has the most");
  }
}
