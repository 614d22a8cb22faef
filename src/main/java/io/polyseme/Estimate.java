package io.polyseme;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A mean with its 95 % interval, by the percentiles of a bootstrap.
 *
 * @param value NaN of nothing
 * @param low NaN with {@code value}
 * @param high NaN with {@code value}
 * @param n how many items it is the mean of
 */
public record Estimate(double value, double low, double high, int n) {
  private static final int RESAMPLES = 1000;

  /**
   * The mean of items; those that are NaN are left out.
   *
   * @param seed of what is drawn
   */
  public static Estimate mean(double[] items, long seed) {
    double[] numbers = Arrays.stream(items).filter(x -> !Double.isNaN(x)).toArray();
    if (numbers.length == 0) {
      return new Estimate(Double.NaN, Double.NaN, Double.NaN, 0);
    }
    var random = new SplittableRandom(seed);
    var means = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      double sum = 0;
      for (int j = 0; j < numbers.length; j++) {
        sum += numbers[random.nextInt(numbers.length)];
      }
      means[i] = sum / numbers.length;
    }
    Intervals.Interval interval = Intervals.percentile(means);
    return new Estimate(
        Arrays.stream(numbers).average().orElseThrow(),
        interval.low(),
        interval.high(),
        numbers.length);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", value, low, high);
  }
}
