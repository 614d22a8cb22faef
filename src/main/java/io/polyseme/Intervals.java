package io.polyseme;

import java.util.Arrays;

/** 95 % confidence intervals. */
public final class Intervals {
  /** The 97.5 % point of the normal distribution. */
  private static final double Z = 1.959963984540054;

  private Intervals() {}

  /**
   * @param low at most {@code high}
   */
  public record Interval(double low, double high) {
    /** Of nothing. */
    public static final Interval NONE = new Interval(Double.NaN, Double.NaN);
  }

  /** A proportion's (Wilson 1927, "Probable inference, the law of succession"). */
  public static Interval wilson(int successes, int n) {
    if (n == 0) {
      return Interval.NONE;
    }
    double p = (double) successes / n;
    double denominator = 1 + Z * Z / n;
    double centre = (p + Z * Z / (2 * n)) / denominator;
    double half = Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4.0 * n * n)) / denominator;
    return new Interval(
        successes == 0 ? 0 : Math.max(0, centre - half),
        successes == n ? 1 : Math.min(1, centre + half));
  }

  /** From the values of bootstrap resamples, by their percentiles; those that are NaN are none. */
  public static Interval percentile(double[] resampled) {
    double[] sorted = Arrays.stream(resampled).filter(v -> !Double.isNaN(v)).sorted().toArray();
    if (sorted.length == 0) {
      return Interval.NONE;
    }
    int last = sorted.length - 1;
    return new Interval(
        sorted[(int) Math.floor(0.025 * last)], sorted[(int) Math.ceil(0.975 * last)]);
  }
}
