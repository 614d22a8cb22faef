package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PairedTestTest {
  /**
   * Darwin's maize, by which Fisher explained the test (1935, "The Design of Experiments", section
   * 21): heights of 15 crossed plants less those of the self-fertilised ones beside them, in
   * eighths of an inch. Of the 32,768 ways 863 have as great a sum, and as many as small a one.
   */
  private static final double[] MAIZE = {
    49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48
  };

  private static double p(double[] first, double[] second) {
    return PairedTest.p(first, second, 100_000, 1, Cancel.create());
  }

  @Test
  void fishersExampleComesOut() {
    assertEquals(2 * 863 / 32768.0, p(MAIZE, new double[MAIZE.length]), 1e-12);
    assertEquals(2 * 863 / 32768.0, p(new double[MAIZE.length], MAIZE), 1e-12);
  }

  /** As the same differences twice: the exact value by counting all 2^30 sums. */
  @Test
  void aSampleOfExchangesComesNearTheExactValue() {
    double[] twice = new double[30];
    for (int i = 0; i < twice.length; i++) {
      twice[i] = MAIZE[i % MAIZE.length];
    }
    assertEquals(exact(twice), p(twice, new double[30]), 4e-4);
    assertEquals(
        p(twice, new double[30]), PairedTest.p(twice, new double[30], 100_000, 1, Cancel.create()));
  }

  /** By how many ways there are to reach each sum, of whole numbers. */
  private static double exact(double[] differences) {
    int bound = (int) Arrays.stream(differences).map(Math::abs).sum();
    var ways = new double[2 * bound + 1];
    ways[bound] = 1;
    for (double d : differences) {
      var next = new double[ways.length];
      for (int s = 0; s < ways.length; s++) {
        for (int to : new int[] {s + (int) d, s - (int) d}) {
          if (to >= 0 && to < ways.length) {
            next[to] += ways[s] / 2;
          }
        }
      }
      ways = next;
    }
    double observed = Math.abs(Arrays.stream(differences).sum());
    double p = 0;
    for (int s = 0; s < ways.length; s++) {
      p += Math.abs(s - bound) >= observed ? ways[s] : 0;
    }
    return p;
  }

  @Test
  void whatIsTheSameDoesNotDiffer() {
    double[] values = new Random(1).doubles(100).toArray();
    assertEquals(1, p(values, values.clone()));
    assertEquals(1, p(new double[] {0.5, 0.25}, new double[] {0.25, 0.5}));
    assertEquals(1, p(new double[0], new double[0]));
  }

  @Test
  void whatAlwaysDiffersIsNeverChanceAndNeverZero() {
    double[] better = new double[200];
    Arrays.fill(better, 0.1);
    double p = p(better, new double[200]);
    assertTrue(p > 0 && p < 2e-5, "p " + p);
    assertEquals(0.25, p(new double[] {0.3, 0.4, 0.5}, new double[3]));
  }

  @Test
  void figuresThatAreNoPairsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> p(new double[3], new double[4]));
    Cancel cancel = Cancel.create();
    cancel.cancel();
    double[] many = new Random(1).doubles(50).toArray();
    assertThrows(
        CancelledException.class, () -> PairedTest.p(many, new double[50], 10_000, 1, cancel));
  }
}
