package io.polyseme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Intervals.Interval;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IntervalsTest {
  /**
   * Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
   */
  @Test
  void wilsonIsNewcombesTable() {
    assertInterval(0.2553, 0.3662, Intervals.wilson(81, 263));
    assertInterval(0.0624, 0.1605, Intervals.wilson(15, 148));
    assertInterval(0, 0.1611, Intervals.wilson(0, 20));
    assertInterval(0.0061, 0.1718, Intervals.wilson(1, 29));
    assertInterval(0.8389, 1, Intervals.wilson(20, 20));
    assertTrue(Double.isNaN(Intervals.wilson(0, 0).low()));
  }

  @Test
  void percentilesAreOfTheMiddle() {
    double[] values = IntStream.rangeClosed(0, 1000).mapToDouble(i -> 1000 - i).toArray();
    assertInterval(25, 975, Intervals.percentile(values));
  }

  private static void assertInterval(double low, double high, Interval interval) {
    assertEquals(low, interval.low(), 5e-5);
    assertEquals(high, interval.high(), 5e-5);
  }
}
