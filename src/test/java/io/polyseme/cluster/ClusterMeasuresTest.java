package io.polyseme.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClusterMeasuresTest {
  /** The examples in the documentation of scikit-learn's {@code sklearn.metrics}. */
  @Test
  void asScikitLearnHasThem() {
    int[] known = {0, 0, 1, 1};
    assertEquals(0.8, ClusterMeasures.of(known, new int[] {0, 0, 1, 2}).vMeasure(), 1e-9);
    assertEquals(2.0 / 3, ClusterMeasures.of(known, new int[] {0, 1, 2, 3}).vMeasure(), 1e-9);
    assertEquals(1, ClusterMeasures.of(known, new int[] {0, 1, 2, 3}).homogeneity(), 1e-9);
    assertEquals(-0.5, ClusterMeasures.of(known, new int[] {0, 1, 0, 1}).adjustedRand(), 1e-9);
    assertEquals(
        4.0 / 7,
        ClusterMeasures.of(new int[] {0, 0, 1, 2}, new int[] {0, 0, 1, 1}).adjustedRand(),
        1e-9);
  }

  /** By hand: items of {a a b} and {b}. */
  @Test
  void pairsAndItems() {
    ClusterMeasures of = ClusterMeasures.of(new int[] {0, 0, 1, 1}, new int[] {0, 0, 0, 1});
    assertEquals(1.0 / 3, of.pairPrecision(), 1e-9);
    assertEquals(1.0 / 2, of.pairRecall(), 1e-9);
    assertEquals((2.0 / 3 + 2.0 / 3 + 1.0 / 3 + 1) / 4, of.bCubedPrecision(), 1e-9);
    assertEquals((1 + 1 + 0.5 + 0.5) / 4, of.bCubedRecall(), 1e-9);
  }

  @Test
  void numbersDoNotMatterAndSidesAreExchanged() {
    var random = new Random(8);
    for (int round = 0; round < 300; round++) {
      int n = 1 + random.nextInt(30);
      int[] known = random.ints(n, 0, 1 + random.nextInt(5)).toArray();
      int[] found = random.ints(n, 0, 1 + random.nextInt(5)).toArray();
      ClusterMeasures of = ClusterMeasures.of(known, found);
      ClusterMeasures renamed =
          ClusterMeasures.of(known, Arrays.stream(found).map(c -> 100 - 7 * c).toArray());
      assertEquals(of.vMeasure(), renamed.vMeasure(), 1e-12);
      assertEquals(of.adjustedRand(), renamed.adjustedRand(), 1e-12);
      ClusterMeasures swapped = ClusterMeasures.of(found, known);
      assertEquals(of.homogeneity(), swapped.completeness(), 1e-12);
      assertEquals(of.bCubedPrecision(), swapped.bCubedRecall(), 1e-12);
      assertEquals(of.adjustedRand(), swapped.adjustedRand(), 1e-12);
      for (double value : new double[] {of.vMeasure(), of.pairedF(), of.bCubedF()}) {
        assertTrue(value >= -1e-12 && value <= 1 + 1e-12, of::toString);
      }
      ClusterMeasures same = ClusterMeasures.of(known, known);
      assertEquals(1, same.vMeasure(), 1e-12);
      assertEquals(1, same.adjustedRand(), 1e-12);
      assertEquals(1, same.bCubedF(), 1e-12);
    }
    assertThrows(IllegalArgumentException.class, () -> ClusterMeasures.of(new int[0], new int[0]));
    assertThrows(IllegalArgumentException.class, () -> ClusterMeasures.of(new int[2], new int[1]));
  }
}
