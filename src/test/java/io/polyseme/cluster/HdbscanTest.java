package io.polyseme.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class HdbscanTest {
  private static NeighbourGraph graph(List<float[]> points, int k) {
    return NeighbourGraph.exact(
        LabelledRows.numbered(points), k, 1, Progress.NONE, Cancel.create());
  }

  private static Hdbscan of(NeighbourGraph graph, int points, int size) {
    return Hdbscan.of(graph, points, size, Progress.NONE, Cancel.create());
  }

  /** What sklearn.cluster.HDBSCAN (scikit-learn 1.9.1) finds; a letter a cluster, a dot noise. */
  @ParameterizedTest
  @CsvSource({
    "5, 5, cdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdbacdba"
        + "cdbacdbacdbacdbacdbacdbacdbacdbaa.d..cd.caa..a..acca...da.ccba",
    "3, 8, cdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdab"
        + "cdabcdabcdabcdabcdabcdabcdabcdabb.db.cdbcbbcdba.bccbb..db.ccab",
    "1, 5, efcaefcaefdaefcaefcaefdaefcaefdaefcaefdaefcaefcaefcaefdaefcaefcaefdaefcaefcaefcaefcaefca"
        + "efdaefcaefcaefcaefcaefcaefcaefcaabea.efaeaaefa.baeeaabbfabee.a"
  })
  void findsWhatScikitLearnFinds(int points, int size, String expected) {
    List<float[]> vectors = Sphere.points();
    Hdbscan found = of(graph(vectors, vectors.size() - 1), points, size);
    assertEquals(expected.chars().filter(c -> c != '.').distinct().count(), found.count());
    for (int i = 0; i < expected.length(); i++) {
      assertEquals(expected.charAt(i) == '.', found.clusters()[i] == Hdbscan.NOISE, "noise " + i);
    }
    int[] known = expected.chars().toArray();
    assertEquals(1, ClusterMeasures.of(known, found.clusters()).adjustedRand(), 1e-9);
  }

  @Test
  void theDensestAreTheStrongestMembersAndNoiseIsNone() {
    List<float[]> vectors = Sphere.points();
    Hdbscan found = of(graph(vectors, vectors.size() - 1), 5, 5);
    var most = new float[found.count()];
    for (int i = 0; i < vectors.size(); i++) {
      int cluster = found.clusters()[i];
      float strength = found.strengths()[i];
      if (cluster == Hdbscan.NOISE) {
        assertEquals(0, strength);
      } else {
        assertTrue(strength > 0 && strength <= 1, "point " + i);
        most[cluster] = Math.max(most[cluster], strength);
      }
    }
    assertArrayEquals(new float[] {1, 1, 1, 1}, most);
    // As scikit-learn has them; which others do depends on how equal distances are ordered.
    assertEquals(0.319, found.strengths()[0], 2e-3);
    assertEquals(0.735, found.strengths()[1], 2e-3);
    assertEquals(0.629, found.strengths()[2], 2e-3);
  }

  @Test
  void aGraphOfTheNearestWillDo() {
    List<float[]> vectors = Sphere.points();
    int[] whole = of(graph(vectors, vectors.size() - 1), 5, 5).clusters();
    int[] sparse = of(graph(vectors, 15), 5, 5).clusters();
    assertTrue(ClusterMeasures.of(whole, sparse).adjustedRand() > 0.9);
  }

  @Test
  void theGreatestClusterComesFirstAndCopiesAreNoTrouble() {
    var vectors = new ArrayList<float[]>();
    for (int i = 0; i < 40; i++) {
      double angle = i < 10 ? 0 : i < 30 ? 2 : 4;
      vectors.add(new float[] {(float) Math.cos(angle), (float) Math.sin(angle)});
    }
    Hdbscan found = of(graph(vectors, 5), 3, 4);
    assertEquals(3, found.count());
    assertEquals(0, found.clusters()[15]);
    for (int i = 0; i < 40; i++) {
      assertEquals(found.clusters()[i < 10 ? 0 : i < 30 ? 10 : 30], found.clusters()[i]);
      assertEquals(1, found.strengths()[i]);
    }
  }

  @Test
  void whatIsTooSmallIsNoise() {
    List<float[]> vectors = Sphere.points().subList(0, 3);
    Hdbscan found = of(graph(vectors, 2), 2, 5);
    assertEquals(0, found.count());
    assertEquals(Hdbscan.NOISE, found.clusters()[1]);
    assertThrows(IllegalArgumentException.class, () -> of(graph(vectors, 2), 4, 5));
    assertThrows(IllegalArgumentException.class, () -> of(graph(vectors, 2), 1, 1));
  }
}
