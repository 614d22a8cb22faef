package io.polyseme.insight;

import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/**
 * Usages told by the sense whose mean has the greatest cosine with theirs. States count by their
 * direction, and what all senses have in common (the mean of their means) is taken off: else a part
 * that makes all states alike would seem to matter for the senses.
 */
final class SenseTold {
  private final int[] senses;
  private final boolean[] right;
  private final double[] margins;
  private final float[][] asked;
  private final List<Set<Integer>> neighbours = new ArrayList<>();
  private final int count;

  /**
   * @param learned states to learn from
   * @param learnedSenses their senses, from 0
   * @param asked states to tell
   * @param senses their senses
   * @param count how many senses there are
   */
  SenseTold(
      float[][] learned, int[] learnedSenses, float[][] asked, int[] senses, int count, int k) {
    this.senses = senses;
    this.asked = asked;
    this.count = count;
    right = new boolean[asked.length];
    margins = new double[asked.length];
    var units = new float[learned.length][];
    var means = new float[count][learned[0].length];
    var sizes = new int[count];
    for (int i = 0; i < learned.length; i++) {
      units[i] = Vectors.unitOrZero(learned[i]);
      Vectors.addScaled(means[learnedSenses[i]], units[i], 1);
      sizes[learnedSenses[i]]++;
    }
    var centre = new float[learned[0].length];
    for (int sense = 0; sense < count; sense++) {
      Vectors.scale(means[sense], 1f / sizes[sense]);
      Vectors.addScaled(centre, means[sense], 1f / count);
    }
    for (float[] mean : means) {
      Vectors.addScaled(mean, centre, -1);
    }
    for (int i = 0; i < asked.length; i++) {
      float[] state = Vectors.unitOrZero(asked[i]).clone();
      Vectors.addScaled(state, centre, -1);
      double own = Vectors.cosine(state, means[senses[i]]);
      double other = -1;
      for (int sense = 0; sense < count; sense++) {
        if (sense != senses[i]) {
          other = Math.max(other, Vectors.cosine(state, means[sense]));
        }
      }
      right[i] = own > other;
      margins[i] = own - other;
      neighbours.add(nearest(asked[i], units, k));
    }
  }

  private static Set<Integer> nearest(float[] state, float[][] units, int k) {
    var scores = new double[units.length];
    var order = new Integer[units.length];
    for (int i = 0; i < units.length; i++) {
      scores[i] = Vectors.dot(state, units[i]);
      order[i] = i;
    }
    Arrays.sort(
        order, (a, b) -> scores[a] != scores[b] ? Double.compare(scores[b], scores[a]) : a - b);
    return new HashSet<>(Arrays.asList(order).subList(0, Math.min(k, order.length)));
  }

  /** The mean over senses, of usages that count so often. */
  double accuracy(int[] times) {
    return mean(times, i -> right[i] ? 1 : 0);
  }

  double margin(int[] times) {
    return mean(times, i -> margins[i]);
  }

  private double mean(int[] times, IntToDoubleFunction value) {
    var sums = new double[count];
    var n = new double[count];
    for (int i = 0; i < senses.length; i++) {
      sums[senses[i]] += times[i] * value.applyAsDouble(i);
      n[senses[i]] += times[i];
    }
    double sum = 0;
    int there = 0;
    for (int sense = 0; sense < count; sense++) {
      if (n[sense] > 0) {
        sum += sums[sense] / n[sense];
        there++;
      }
    }
    return sum / there;
  }

  /** The mean of 1 − cosine between the states that were told. */
  double distance(SenseTold other) {
    double sum = 0;
    for (int i = 0; i < asked.length; i++) {
      sum += 1 - Vectors.cosine(asked[i], other.asked[i]);
    }
    return sum / asked.length;
  }

  /** The share of nearest usages that are not among the other's. */
  double changed(SenseTold other) {
    double sum = 0;
    for (int i = 0; i < asked.length; i++) {
      Set<Integer> gone = new HashSet<>(neighbours.get(i));
      gone.removeAll(other.neighbours.get(i));
      sum += (double) gone.size() / neighbours.get(i).size();
    }
    return sum / asked.length;
  }
}
