package io.polyseme.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BlockProductsTest {
  /** Rows in an array. */
  private record Matrix(float[][] rows, int dimension) implements LabelledRows {
    @Override
    public int size() {
      return rows.length;
    }

    @Override
    public String label(int row) {
      return "r" + row;
    }

    @Override
    public int row(String label) {
      return Integer.parseInt(label.substring(1));
    }

    @Override
    public void copyRow(int row, float[] into) {
      System.arraycopy(rows[row], 0, into, 0, dimension);
    }
  }

  private static float[] vector(Random random, int dimension, double scale) {
    var vector = new float[dimension];
    for (int j = 0; j < dimension; j++) {
      vector[j] = (float) (scale * random.nextGaussian());
    }
    return vector;
  }

  @Test
  void areTheNaiveProductsOfUnitRows() {
    long seed = 2008;
    var random = new Random(seed);
    for (int round = 0; round < 30; round++) {
      int dimension = 1 + random.nextInt(40);
      int size = random.nextInt(700);
      var rows = new float[size + random.nextInt(5)][];
      for (int i = 0; i < rows.length; i++) {
        double[] scales = {1, 0, 1e-20, 1e18, 3};
        rows[i] = vector(random, dimension, scales[random.nextInt(scales.length)]);
      }
      var vectors = new ArrayList<float[]>();
      for (int i = random.nextInt(20); i > 0; i--) {
        vectors.add(vector(random, dimension, 2));
      }
      var products = new float[size][];
      var shares =
          new BlockProducts(new Matrix(rows, dimension), size, vectors)
              .forEach(
                  () ->
                      (first, count, table) -> {
                        for (int i = 0; i < count; i++) {
                          products[first + i] = new float[vectors.size()];
                          for (int v = 0; v < vectors.size(); v++) {
                            products[first + i][v] = table[v][i];
                          }
                        }
                      },
                  1 + random.nextInt(3),
                  "multiplying",
                  Progress.NONE,
                  Cancel.create());
      assertEquals(true, !shares.isEmpty());
      for (int i = 0; i < size; i++) {
        for (int v = 0; v < vectors.size(); v++) {
          String where = "seed %d, round %d, row %d, vector %d".formatted(seed, round, i, v);
          assertEquals(naive(rows[i], vectors.get(v)), products[i][v], 2e-5, where);
        }
      }
    }
  }

  private static double naive(float[] row, float[] vector) {
    double squares = 0;
    double sum = 0;
    for (int j = 0; j < row.length; j++) {
      squares += (double) row[j] * row[j];
      sum += (double) row[j] * vector[j];
    }
    return squares == 0 ? 0 : sum / Math.sqrt(squares);
  }

  @Test
  void findsTheFirstThatIsNotLess() {
    var random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      var numbers = new float[1 + random.nextInt(300)];
      Arrays.fill(numbers, -2);
      for (int i = random.nextInt(4); i > 0; i--) {
        float[] values = {1, 0.5f, Float.NaN, Float.POSITIVE_INFINITY, Math.nextDown(0.5f)};
        numbers[random.nextInt(numbers.length)] = values[random.nextInt(values.length)];
      }
      int from = random.nextInt(numbers.length);
      int to = from + random.nextInt(numbers.length - from + 1);
      int expected = from;
      while (expected < to && !(numbers[expected] >= 0.5f)) {
        expected++;
      }
      assertEquals(expected, BlockProducts.firstAtLeast(numbers, from, to, 0.5f));
    }
  }

  @Test
  void refusesWhatDoesNotFitAndCanBeCancelled() {
    var rows = new Matrix(new float[][] {{1, 2}, {3, 4}}, 2);
    assertThrows(
        IllegalArgumentException.class,
        () -> new BlockProducts(rows, 2, List.of(new float[] {1, 2, 3})));
    assertThrows(IllegalArgumentException.class, () -> new BlockProducts(rows, 3, List.of()));
    var products = new BlockProducts(rows, 2, List.of(new float[] {1, 0}));
    assertThrows(
        IllegalArgumentException.class,
        () -> products.forEach(() -> (_, _, _) -> {}, 0, "", Progress.NONE, Cancel.create()));
    Cancel cancel = Cancel.create();
    cancel.cancel();
    assertThrows(
        CancelledException.class,
        () -> products.forEach(() -> (_, _, _) -> {}, 2, "", Progress.NONE, cancel));
    var failure =
        assertThrows(
            IllegalStateException.class,
            () ->
                products.forEach(
                    () ->
                        (_, _, _) -> {
                          throw new IllegalStateException("the taker's own");
                        },
                    1,
                    "",
                    Progress.NONE,
                    Cancel.create()));
    assertEquals("the taker's own", failure.getMessage());
  }
}
