package io.polyseme.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrincipalComponentsTest {
  @Test
  void aPlaneInSpaceIsFound() {
    // Points (s + t, s - t, 0) + (5, 6, 7), with s spread four times as wide as t.
    var random = new Random(9);
    try (Arena arena = Arena.ofShared()) {
      Rows rows = Rows.allocate(arena, 5000, 3);
      for (int row = 0; row < rows.count(); row++) {
        float s = (float) (4 * random.nextGaussian());
        float t = (float) random.nextGaussian();
        rows.set(row, new float[] {5 + s + t, 6 + s - t, 7});
      }
      PrincipalComponents found = PrincipalComponents.of(5000, 3, rows::get, 2);
      assertArrayEquals(new double[] {5, 6, 7}, found.mean(), 0.3);
      assertEquals(32, found.variances()[0], 2);
      assertEquals(2, found.variances()[1], 0.2);
      assertEquals(1, found.explained(), 1e-9);
      double[] mean = found.mean();
      float[] along =
          found.project(new float[] {(float) mean[0] + 1, (float) mean[1] + 1, (float) mean[2]});
      assertEquals(Math.sqrt(2), along[0], 1e-2);
      assertEquals(0, along[1], 1e-1);
    }
  }

  @Test
  void allComponentsKeepEveryDistance() {
    var random = new Random(4);
    try (Arena arena = Arena.ofShared()) {
      Rows rows = Rows.allocate(arena, 200, 24);
      var vectors = new float[200][24];
      for (int row = 0; row < 200; row++) {
        for (int d = 0; d < 24; d++) {
          vectors[row][d] = (float) (random.nextGaussian() * (d + 1));
        }
        rows.set(row, vectors[row]);
      }
      PrincipalComponents all = PrincipalComponents.of(200, 24, rows::get, 24);
      for (int i = 1; i < 200; i++) {
        assertEquals(
            distance(vectors[0], vectors[i]),
            distance(all.project(vectors[0]), all.project(vectors[i])),
            1e-3);
      }
      double[] variances = all.variances();
      for (int c = 1; c < 24; c++) {
        assertTrue(variances[c] <= variances[c - 1] + 1e-9);
      }
      assertThrows(
          IllegalArgumentException.class, () -> PrincipalComponents.of(200, 24, rows::get, 25));
      PrincipalComponents top = PrincipalComponents.of(200, 24, rows::get, 3);
      for (float[] vector : vectors) {
        for (float x : top.project(shift(top.without(vector), top.mean()))) {
          assertEquals(0, x, 1e-4);
        }
      }
    }
  }

  private static float[] shift(float[] vector, double[] by) {
    var shifted = new float[vector.length];
    for (int d = 0; d < shifted.length; d++) {
      shifted[d] = (float) (vector[d] + by[d]);
    }
    return shifted;
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += Math.pow(a[d] - b[d], 2);
    }
    return Math.sqrt(sum);
  }
}
