package io.polyseme.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.cluster.ClusterMeasures;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ClustersTest {
  private static final int DIMENSION = 24;

  private static List<float[]> around(Random random, int groups, int each, int[] known) {
    var vectors = new ArrayList<float[]>();
    var centres = new float[groups][DIMENSION];
    for (float[] centre : centres) {
      for (int d = 0; d < DIMENSION; d++) {
        centre[d] = (float) random.nextGaussian();
      }
    }
    for (int i = 0; i < groups * each; i++) {
      known[i] = i % groups;
      var vector = new float[DIMENSION];
      for (int d = 0; d < DIMENSION; d++) {
        vector[d] = centres[i % groups][d] + 0.3f * (float) random.nextGaussian();
      }
      vectors.add(vector);
    }
    return vectors;
  }

  private static double agreement(List<float[]> vectors, int[] known, int count, long seed) {
    Clusters found = Clusters.of(vectors, count, seed, Cancel.create());
    return ClusterMeasures.of(known, found.of().stream().mapToInt(Integer::intValue).toArray())
        .adjustedRand();
  }

  @Test
  void groupsThatLieApartAreFoundWithTheirNumber() {
    var random = new Random(1);
    for (int groups = 2; groups <= 5; groups++) {
      var known = new int[groups * 40];
      List<float[]> vectors = around(random, groups, 40, known);
      assertTrue(agreement(vectors, known, 0, 7) > 0.95, "groups " + groups);
      assertTrue(agreement(vectors, known, groups, 7) > 0.95, "given " + groups);
    }
  }

  @Test
  void theSameSeedGivesTheSameClusters() {
    var known = new int[120];
    List<float[]> vectors = around(new Random(2), 3, 40, known);
    assertEquals(
        Clusters.of(vectors, 0, 5, Cancel.create()), Clusters.of(vectors, 0, 5, Cancel.create()));
  }

  @Test
  void fewVectors() {
    for (int n = 1; n <= 4; n++) {
      var vectors = new ArrayList<float[]>();
      for (int i = 0; i < n; i++) {
        var vector = new float[DIMENSION];
        vector[i] = 1;
        vectors.add(vector);
      }
      Clusters of = Clusters.of(vectors, 0, 1, Cancel.create());
      assertEquals(n, of.of().size());
      assertTrue(of.count() >= 1 && of.count() <= n);
    }
  }
}
