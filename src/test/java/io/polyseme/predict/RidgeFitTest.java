package io.polyseme.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.polyseme.Cancel;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RidgeFitTest {
  private static RidgeFit.Affine fit(int threads) {
    var random = new Random(5);
    var fit = new RidgeFit(70, 3, threads);
    for (int i = 0; i < 3000; i++) {
      var x = new float[70];
      for (int j = 0; j < x.length; j++) {
        x[j] = (float) random.nextGaussian();
      }
      fit.add(x, new float[] {2 * x[0] - x[69] + 1, x[5] + x[6], -3}, Cancel.create());
    }
    return fit.fit(Cancel.create());
  }

  @Test
  void aLinearMapIsFoundAgain() {
    RidgeFit.Affine map = fit(2);
    var x = new float[70];
    x[0] = 1;
    x[5] = -2;
    x[69] = 3;
    // 2 · 1 - 3 + 1, -2 + 0, -3; the ridge draws them together by a thousandth.
    assertArrayEquals(new float[] {0, -2, -3}, map.apply(x), 0.02f);
  }

  @Test
  void theNumberOfThreadsDoesNotShow() {
    RidgeFit.Affine one = fit(1);
    RidgeFit.Affine three = fit(3);
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(one.map()[i], three.map()[i]);
      assertEquals(one.shift()[i], three.shift()[i]);
    }
  }
}
