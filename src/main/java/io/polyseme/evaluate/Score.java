package io.polyseme.evaluate;

import io.polyseme.Intervals;
import io.polyseme.Intervals.Interval;
import java.util.Objects;

/**
 * One figure, with how sure it is and how much of the test it rests on.
 *
 * @param section the part of the test: a section of the questions, a file, a word
 * @param layer the encoder's layer, as {@code Layers} names it; empty where there is none
 * @param metric what was measured, {@code accuracy} say; each test names its own
 * @param value NaN where nothing could be measured
 * @param low the lower end of the 95 % interval; NaN with {@code value}
 * @param high the upper end
 * @param n how many items were scored
 * @param total how many the section has, at least {@code n}
 */
public record Score(
    String section,
    String layer,
    String metric,
    double value,
    double low,
    double high,
    int n,
    int total) {
  public Score {
    Objects.requireNonNull(section, "section");
    Objects.requireNonNull(layer, "layer");
    Objects.requireNonNull(metric, "metric");
    if (n < 0 || total < n) {
      throw new IllegalArgumentException("%d of %d items scored".formatted(n, total));
    }
  }

  /** A share of the scored items, with Wilson's interval; NaN of none. */
  static Score share(String section, String layer, String metric, int right, int n, int total) {
    Interval interval = Intervals.wilson(right, n);
    double value = n == 0 ? Double.NaN : (double) right / n;
    return new Score(section, layer, metric, value, interval.low(), interval.high(), n, total);
  }

  /** The share of the section's items that were scored, from 0 to 1; 0 for an empty section. */
  public double coverage() {
    return total == 0 ? 0 : (double) n / total;
  }

  /** How many items were left out, because a word was not known. */
  public int skipped() {
    return total - n;
  }
}
