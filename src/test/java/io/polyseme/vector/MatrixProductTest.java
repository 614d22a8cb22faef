package io.polyseme.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MatrixProductTest {
  private static float[][] random(int rows, int columns, Random random) {
    var matrix = new float[rows][columns];
    for (float[] row : matrix) {
      for (int j = 0; j < columns; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    return matrix;
  }

  @Test
  void productsAreWhatThreeLoopsGive() {
    var random = new Random(2);
    for (int[] sizes : new int[][] {{1, 1, 1}, {7, 300, 5}, {13, 17, 33}, {64, 257, 40}}) {
      float[][] a = random(sizes[0], sizes[2], random);
      float[][] b = random(sizes[1], sizes[2], random);
      var into = new float[sizes[0]][sizes[1]];
      new MatrixProduct(b).multiply(a, 0, sizes[0], into);
      for (int i = 0; i < sizes[0]; i++) {
        for (int j = 0; j < sizes[1]; j++) {
          double sum = 0;
          for (int k = 0; k < sizes[2]; k++) {
            sum += (double) a[i][k] * b[j][k];
          }
          assertEquals(sum, into[i][j], 1e-4);
        }
      }
    }
  }

  @Test
  void aRowDoesNotDependOnThoseBesideIt() {
    var random = new Random(3);
    float[][] a = random(20, 50, random);
    var product = new MatrixProduct(random(40, 50, random));
    var together = new float[20][40];
    var alone = new float[20][40];
    product.multiply(a, 0, 20, together);
    for (int i = 0; i < 20; i++) {
      product.multiply(a, i, i + 1, alone);
    }
    for (int i = 0; i < 20; i++) {
      assertArrayEquals(together[i], alone[i]);
    }
    float[][] turned = MatrixProduct.transposed(new float[][] {{1, 2}, {3, 4}});
    assertArrayEquals(new float[] {1, 3}, turned[0]);
    assertArrayEquals(new float[] {2, 4}, turned[1]);
  }
}
