package io.polyseme.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KMeansTest {
  private static LabelledRows around(int groups, int size, int dimension, int[] known) {
    var random = new Random(5);
    var vectors = new ArrayList<float[]>();
    for (int i = 0; i < size; i++) {
      known[i] = i % groups;
      var centre = new Random(i % groups);
      var vector = new float[dimension];
      for (int d = 0; d < dimension; d++) {
        vector[d] = (float) (5 * centre.nextGaussian() + random.nextGaussian());
      }
      vectors.add(vector);
    }
    return LabelledRows.numbered(vectors);
  }

  private static KMeans of(LabelledRows rows, int k, int threads) {
    return KMeans.of(rows, k, 9, threads, Progress.NONE, Cancel.create());
  }

  @Test
  void manyVectorsAreClusteredFromASample() {
    var known = new int[30_000];
    LabelledRows rows = around(8, known.length, 12, known);
    KMeans one = of(rows, 8, 1);
    assertTrue(ClusterMeasures.of(known, one.clusters()).adjustedRand() > 0.95);
    KMeans three = of(rows, 8, 3);
    assertArrayEquals(one.clusters(), three.clusters());
    assertArrayEquals(one.means(), three.means());
    assertEquals(one.distances(), three.distances());
  }

  @Test
  void theSumIsThatOfTheDistancesToTheNearestMeans() {
    LabelledRows rows = around(3, 500, 6, new int[500]);
    KMeans found = of(rows, 4, 1);
    double sum = 0;
    var row = new float[6];
    for (int i = 0; i < rows.size(); i++) {
      rows.copyRow(i, row);
      double least = Double.POSITIVE_INFINITY;
      int nearest = -1;
      for (int m = 0; m < 4; m++) {
        double distance = 0;
        for (int d = 0; d < 6; d++) {
          double x = row[d] - found.means()[m][d];
          distance += x * x;
        }
        nearest = distance < least ? m : nearest;
        least = Math.min(least, distance);
      }
      assertEquals(nearest, found.clusters()[i]);
      sum += least;
    }
    assertEquals(sum, found.distances(), 1e-3 * sum);
  }

  @Test
  void fewVectorsOrEqualOnesAreNoTrouble() {
    LabelledRows equal =
        LabelledRows.numbered(List.of(new float[] {1, 2}, new float[] {1, 2}, new float[] {1, 2}));
    assertEquals(0, of(equal, 3, 2).distances(), 1e-6);
    assertThrows(IllegalArgumentException.class, () -> of(equal, 4, 1));
    assertThrows(IllegalArgumentException.class, () -> of(equal, 0, 1));
    Cancel cancelled = Cancel.create();
    cancelled.cancel();
    assertThrows(
        CancelledException.class, () -> KMeans.of(equal, 2, 1, 1, Progress.NONE, cancelled));
  }
}
