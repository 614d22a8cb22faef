package io.polyseme.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RidgeRegressionTest {
  @Test
  void aLinearMapIsFoundAgain() {
    var random = new Random(5);
    var map = new float[3][4];
    for (float[] row : map) {
      for (int i = 0; i < row.length; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    var inputs = new float[200][4];
    var outcomes = new float[200][3];
    for (int i = 0; i < inputs.length; i++) {
      for (int d = 0; d < 4; d++) {
        inputs[i][d] = (float) random.nextGaussian();
      }
      for (int o = 0; o < 3; o++) {
        outcomes[i][o] = Vectors.dot(map[o], inputs[i]);
      }
    }
    var regression = new RidgeRegression(4, 3);
    for (int from = 0; from < 200; from += 50) {
      regression.add(
          java.util.Arrays.copyOfRange(inputs, from, from + 50),
          java.util.Arrays.copyOfRange(outcomes, from, from + 50));
    }
    float[][] found = regression.solve(1e-6);
    for (int o = 0; o < 3; o++) {
      assertArrayEquals(map[o], found[o], 1e-3f);
    }
  }

  /** One dimension by hand: the sum of xy over the sum of xx, and its share of the penalty. */
  @Test
  void thePenaltyIsAShareOfTheInputsMeanSquare() {
    var regression = new RidgeRegression(1, 1);
    regression.add(new float[][] {{1}, {2}}, new float[][] {{3}, {5}}, new double[] {1, 2});
    // sums: xx 1 + 2 * 4 = 9, xy 3 + 2 * 10 = 23
    assertEquals(23 / (9 * 1.5), regression.solve(0.5)[0][0], 1e-5);
  }

  @Test
  void zerosGiveTheIdentityAndNumbersThatAreNoneAreRefused() {
    var regression = new RidgeRegression(2, 2);
    assertArrayEquals(new float[] {1, 0}, regression.solve(0.1)[0]);
    regression.add(new float[][] {{Float.NaN, 1}}, new float[][] {{1, 1}});
    assertThrows(ArithmeticException.class, () -> regression.solve(0.1));
  }
}
