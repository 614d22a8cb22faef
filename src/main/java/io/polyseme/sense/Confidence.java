package io.polyseme.sense;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How often first answers of some probability are right: a line through points that never falls
 * (isotonic regression by pooling adjacent violators: Zadrozny and Elkan 2002, "Transforming
 * Classifier Scores into Accurate Multiclass Probability Estimates", section 3.2). Immutable.
 *
 * @param told probabilities, rising
 * @param right the share that is right at each
 */
record Confidence(List<Double> told, List<Double> right) {
  /** Probabilities as they are. */
  static final Confidence UNCHANGED = new Confidence(List.of(0.0, 1.0), List.of(0.0, 1.0));

  private static final int BINS = 40;

  Confidence {
    told = List.copyOf(told);
    right = List.copyOf(right);
    if (told.size() != right.size() || told.isEmpty()) {
      throw new IllegalArgumentException("%d and %d points".formatted(told.size(), right.size()));
    }
  }

  /**
   * @param told the probability of each first answer
   * @param right whether it was right
   */
  static Confidence of(double[] told, boolean[] right) {
    Integer[] order = new Integer[told.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(told[a], told[b]));
    // Bins of equal size, then neighbours that fall are joined.
    List<double[]> pools = new ArrayList<>(); // sum told, sum right, count
    for (int bin = 0; bin < BINS; bin++) {
      var pool = new double[3];
      int end = (int) ((long) told.length * (bin + 1) / BINS);
      for (int i = (int) ((long) told.length * bin / BINS); i < end; i++) {
        pool[0] += told[order[i]];
        pool[1] += right[order[i]] ? 1 : 0;
        pool[2]++;
      }
      if (pool[2] > 0) {
        pools.add(pool);
      }
      while (pools.size() > 1) {
        double[] last = pools.getLast();
        double[] before = pools.get(pools.size() - 2);
        if (before[1] / before[2] < last[1] / last[2]) {
          break;
        }
        pools.removeLast();
        for (int i = 0; i < 3; i++) {
          before[i] += last[i];
        }
      }
    }
    if (pools.isEmpty()) {
      return UNCHANGED;
    }
    return new Confidence(
        pools.stream().map(p -> p[0] / p[2]).toList(),
        pools.stream().map(p -> p[1] / p[2]).toList());
  }

  /** The share of answers of this probability that is right. */
  double of(double probability) {
    int at = 0;
    while (at < told.size() && told.get(at) < probability) {
      at++;
    }
    if (at == 0) {
      return right.getFirst();
    }
    if (at == told.size()) {
      return right.getLast();
    }
    double width = told.get(at) - told.get(at - 1);
    double share = width <= 0 ? 1 : (probability - told.get(at - 1)) / width;
    return right.get(at - 1) + share * (right.get(at) - right.get(at - 1));
  }

  /**
   * Makes the greatest of some probabilities what it is worth, and scales the others, so that their
   * sum stays 1 and their order the same.
   */
  void apply(double[] probabilities) {
    if (probabilities.length < 2) {
      return;
    }
    int first = 0;
    for (int i = 1; i < probabilities.length; i++) {
      first = probabilities[i] > probabilities[first] ? i : first;
    }
    double second = 0;
    for (int i = 0; i < probabilities.length; i++) {
      second = i == first ? second : Math.max(second, probabilities[i]);
    }
    double rest = 1 - probabilities[first];
    // At the least as much as the second would then have.
    double floor = rest <= 0 ? 0 : second / rest / (1 + second / rest);
    double worth = Math.clamp(of(probabilities[first]), floor, 1);
    for (int i = 0; i < probabilities.length; i++) {
      if (i != first) {
        probabilities[i] =
            rest <= 0
                ? (1 - worth) / (probabilities.length - 1)
                : probabilities[i] * (1 - worth) / rest;
      }
    }
    probabilities[first] = worth;
  }
}
