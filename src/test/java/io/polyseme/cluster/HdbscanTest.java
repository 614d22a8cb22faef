package io.polyseme.cluster;

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
  private static double pseudorandom(int i, int d) {
    double x = Math.sin(i * 12.9898 + d * 78.233) * 43758.5453;
    return 2 * (x - Math.floor(x)) - 1;
  }

  /** Four groups on a sphere, of different density, and thirty points anywhere. */
  private static List<float[]> points() {
    double[][] centres = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {-1, -1, 0}};
    double[] spreads = {0.2, 0.35, 0.3, 0.5};
    var points = new ArrayList<float[]>();
    for (int i = 0; i < 150; i++) {
      var point = new double[3];
      double squares = 0;
      for (int d = 0; d < 3; d++) {
        point[d] =
            i < 120 ? centres[i % 4][d] + spreads[i % 4] * pseudorandom(i, d) : pseudorandom(i, d);
        squares += point[d] * point[d];
      }
      var unit = new float[3];
      for (int d = 0; d < 3; d++) {
        unit[d] = (float) (point[d] / Math.sqrt(squares));
      }
      points.add(unit);
    }
    return points;
  }

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
    List<float[]> vectors = points();
    Hdbscan found = of(graph(vectors, vectors.size() - 1), points, size);
    assertEquals(expected.chars().filter(c -> c != '.').distinct().count(), found.count());
    for (int i = 0; i < expected.length(); i++) {
      assertEquals(expected.charAt(i) == '.', found.clusters()[i] == Hdbscan.NOISE, "noise " + i);
    }
    int[] known = expected.chars().toArray();
    assertEquals(1, ClusterMeasures.of(known, found.clusters()).adjustedRand(), 1e-9);
  }

  @Test
  void membershipsAreThoseOfScikitLearn() {
    List<float[]> vectors = points();
    Hdbscan found = of(graph(vectors, vectors.size() - 1), 5, 5);
    float[] expected = {0.319f, 0.735f, 0.629f, 0.677f, 0.700f, 1, 0.862f, 0.782f};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found.strengths()[i], 2e-3f, "point " + i);
    }
  }

  @Test
  void aGraphOfTheNearestWillDo() {
    List<float[]> vectors = points();
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
    List<float[]> vectors = points().subList(0, 3);
    Hdbscan found = of(graph(vectors, 2), 2, 5);
    assertEquals(0, found.count());
    assertEquals(Hdbscan.NOISE, found.clusters()[1]);
    assertThrows(IllegalArgumentException.class, () -> of(graph(vectors, 2), 4, 5));
    assertThrows(IllegalArgumentException.class, () -> of(graph(vectors, 2), 1, 1));
  }
}
