package io.polyseme.evaluate;

import java.util.Arrays;

/** 95 % confidence intervals. */
final class Intervals {
  /** The 97.5 % point of the normal distribution. */
  private static final double Z = 1.959963984540054;

  private Intervals() {}

  /**
   * @param low at most {@code high}
   */
  record Interval(double low, double high) {
    static final Interval NONE = new Interval(Double.NaN, Double.NaN);
  }

  /** A proportion's (Wilson 1927, "Probable inference, the law of succession"). */
  static Interval wilson(int successes, int n) {
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

  /** Pearson's correlation's, by Fisher's z. */
  static Interval pearson(double r, int n) {
    return fisher(r, n, 1);
  }

  /**
   * Spearman's correlation's, by Fisher's z with the variance of Bonett and Wright (2000, "Sample
   * size requirements for estimating Pearson, Kendall and Spearman correlations").
   */
  static Interval spearman(double rho, int n) {
    return fisher(rho, n, 1 + rho * rho / 2);
  }

  private static Interval fisher(double r, int n, double scale) {
    if (Double.isNaN(r)) {
      return Interval.NONE;
    }
    if (n <= 3) {
      return new Interval(-1, 1);
    }
    // Rounding may take a perfect correlation a little past 1, where z is not defined.
    double z = atanh(Math.clamp(r, -1, 1));
    double half = Z * Math.sqrt(scale / (n - 3));
    return new Interval(Math.tanh(z - half), Math.tanh(z + half));
  }

  private static double atanh(double x) {
    return 0.5 * Math.log((1 + x) / (1 - x));
  }

  /** From the values of bootstrap resamples, by their percentiles; sorts them. */
  static Interval percentile(double[] resampled) {
    if (resampled.length == 0) {
      return Interval.NONE;
    }
    Arrays.sort(resampled);
    int last = resampled.length - 1;
    return new Interval(
        resampled[(int) Math.floor(0.025 * last)], resampled[(int) Math.ceil(0.975 * last)]);
  }
}
