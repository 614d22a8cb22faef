package io.polyseme.evaluate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** How two series of numbers go together. */
final class Correlation {
  private Correlation() {}

  /** Pearson's r, from -1 to 1; NaN where either series does not vary. */
  static double pearson(double[] x, double[] y) {
    int n = x.length;
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < n; i++) {
      meanX += x[i] / n;
      meanY += y[i] / n;
    }
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < n; i++) {
      double dx = x[i] - meanX;
      double dy = y[i] - meanY;
      xy += dx * dy;
      xx += dx * dx;
      yy += dy * dy;
    }
    return xx == 0 || yy == 0 ? Double.NaN : Math.clamp(xy / Math.sqrt(xx * yy), -1, 1);
  }

  /** Spearman's rho: Pearson's r of the ranks, equal values sharing the mean of their ranks. */
  static double spearman(double[] x, double[] y) {
    return pearson(ranks(x), ranks(y));
  }

  /** Which value each is, from 0 for the least; equal values are one. */
  static int[] order(double[] values) {
    double[] different = Arrays.stream(values).sorted().distinct().toArray();
    return Arrays.stream(values).mapToInt(v -> Arrays.binarySearch(different, v)).toArray();
  }

  /** From 1. */
  private static double[] ranks(double[] values) {
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> values[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    var ranks = new double[values.length];
    int i = 0;
    while (i < order.length) {
      int end = i + 1;
      while (end < order.length && values[order[end]] == values[order[i]]) {
        end++;
      }
      double shared = (i + 1 + end) / 2.0;
      for (; i < end; i++) {
        ranks[order[i]] = shared;
      }
    }
    return ranks;
  }
}
