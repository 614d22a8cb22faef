package io.polyseme.evaluate;

import io.polyseme.Cancel;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Correlations of resamples of pairs of numbers, drawn with replacement. A resample is how often
 * each pair was drawn, so that its ranks follow from the order of the whole without sorting again.
 */
final class CorrelationBootstrap {
  private final double[] x;
  private final double[] y;
  private final int[] orderX;
  private final int[] orderY;
  private final int differentX;
  private final int differentY;
  private final SplittableRandom random;
  private double[] pearson = {};
  private double[] spearman = {};

  CorrelationBootstrap(double[] x, double[] y, long seed) {
    this.x = x;
    this.y = y;
    this.orderX = Correlation.order(x);
    this.orderY = Correlation.order(y);
    this.differentX = 1 + Arrays.stream(orderX).max().orElse(-1);
    this.differentY = 1 + Arrays.stream(orderY).max().orElse(-1);
    this.random = new SplittableRandom(seed);
  }

  /**
   * Draws so many resamples. Those in which a side does not vary have no correlation but stay in
   * their place as NaN, so that bootstraps of one seed over as many pairs stay side by side.
   */
  void resample(int count, Cancel cancel) {
    pearson = new double[count];
    spearman = new double[count];
    var times = new int[x.length];
    for (int i = 0; i < count; i++) {
      cancel.check();
      Arrays.fill(times, 0);
      for (int j = 0; j < times.length; j++) {
        times[random.nextInt(times.length)]++;
      }
      pearson[i] = correlate(times, x, y);
      spearman[i] =
          Double.isNaN(pearson[i])
              ? Double.NaN
              : correlate(
                  times, ranks(times, orderX, differentX), ranks(times, orderY, differentY));
    }
  }

  double[] pearson() {
    return pearson;
  }

  double[] spearman() {
    return spearman;
  }

  /** Of each pair in the resample, equal values sharing the mean of their ranks. */
  private static double[] ranks(int[] times, int[] order, int different) {
    var shared = new double[different];
    for (int i = 0; i < times.length; i++) {
      shared[order[i]] += times[i];
    }
    double before = 0;
    for (int v = 0; v < different; v++) {
      double equal = shared[v];
      shared[v] = before + (equal + 1) / 2;
      before += equal;
    }
    var ranks = new double[times.length];
    for (int i = 0; i < times.length; i++) {
      ranks[i] = shared[order[i]];
    }
    return ranks;
  }

  /** Pearson's r of pairs that are there so many times; NaN where a side does not vary. */
  private static double correlate(int[] times, double[] x, double[] y) {
    int n = times.length;
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < n; i++) {
      meanX += times[i] * x[i];
      meanY += times[i] * y[i];
    }
    meanX /= n;
    meanY /= n;
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < n; i++) {
      double dx = x[i] - meanX;
      double dy = y[i] - meanY;
      xy += times[i] * dx * dy;
      xx += times[i] * dx * dx;
      yy += times[i] * dy * dy;
    }
    // One value drawn n times leaves rounding where nothing varies.
    boolean varies = xx > 1e-20 * n * (1 + meanX * meanX) && yy > 1e-20 * n * (1 + meanY * meanY);
    return varies ? Math.clamp(xy / Math.sqrt(xx * yy), -1, 1) : Double.NaN;
  }
}
