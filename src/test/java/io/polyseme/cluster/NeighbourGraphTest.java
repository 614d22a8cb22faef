package io.polyseme.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NeighbourGraphTest {
  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    double squaresA = 0;
    double squaresB = 0;
    for (int d = 0; d < a.length; d++) {
      dot += (double) a[d] * b[d];
      squaresA += (double) a[d] * a[d];
      squaresB += (double) b[d] * b[d];
    }
    return dot / Math.sqrt(squaresA * squaresB);
  }

  @Test
  void neighboursAreThoseOfPlainArithmetic() {
    var random = new Random(3);
    var vectors = new ArrayList<float[]>();
    for (int i = 0; i < 1500; i++) {
      var vector = new float[7];
      for (int d = 0; d < 7; d++) {
        vector[d] = (float) random.nextGaussian();
      }
      vectors.add(vector);
    }
    var told = new ArrayList<Integer>();
    NeighbourGraph graph =
        NeighbourGraph.exact(
            LabelledRows.numbered(vectors),
            6,
            3,
            (_, from, to) -> told.addAll(List.of(from, to)),
            Progress.NONE,
            Cancel.create());
    assertEquals(List.of(0, 1024, 1024, 1500), told);
    for (int row = 0; row < 1500; row += 100) {
      float[] vector = vectors.get(row);
      int self = row;
      int[] right =
          IntStream.range(0, 1500)
              .filter(i -> i != self)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> -cosine(vector, vectors.get(i))))
              .limit(6)
              .mapToInt(i -> i)
              .toArray();
      assertEquals(6, graph.count(row));
      for (int i = 0; i < 6; i++) {
        assertEquals(right[i], graph.neighbour(row, i));
        assertEquals(cosine(vector, vectors.get(right[i])), graph.cosine(row, i), 1e-5);
        assertTrue(graph.has(row, right[i]));
      }
    }
  }
}
