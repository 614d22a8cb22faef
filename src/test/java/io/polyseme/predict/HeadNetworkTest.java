package io.polyseme.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.polyseme.Cancel;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeadNetworkTest {
  private static final int DIMENSION = 6;
  private static final int INNER = 5;

  private final Random random = new Random(9);

  private float[] vector(int size) {
    var vector = new float[size];
    for (int j = 0; j < size; j++) {
      vector[j] = (float) random.nextGaussian();
    }
    return vector;
  }

  /** The derivatives of a weighted sum of what comes out, against small differences. */
  @Test
  void derivativesAreWhatSmallDifferencesGive() {
    var words = new float[20][];
    var examples = new Examples(DIMENSION);
    for (int w = 0; w < words.length; w++) {
      words[w] = vector(INNER);
    }
    for (int i = 0; i < 200; i++) {
      examples.add(random.nextInt(words.length), vector(DIMENSION));
    }
    var network =
        HeadNetwork.start(DIMENSION, words, new long[words.length], examples, 1, Cancel.create());
    // Away from where it is straight.
    for (int j = 0; j < INNER; j++) {
      network.denseBias[j] -= 2;
      network.scale[j] = 1 + 0.1f * j;
    }
    float[] state = vector(DIMENSION);
    float[] weights = vector(INNER);
    var pass = new HeadNetwork.Pass(1, INNER);
    network.forward(network.densePacked(), new float[][] {state}, 0, 1, pass);
    var byProjected = new float[INNER];
    var byScale = new float[INNER];
    var byShift = new float[INNER];
    network.backward(pass, 0, weights, byProjected, byScale, byShift);
    for (int j = 0; j < INNER; j++) {
      assertEquals(difference(network, network.denseBias, j, state, weights), byProjected[j], 2e-3);
      assertEquals(difference(network, network.scale, j, state, weights), byScale[j], 2e-3);
      assertEquals(difference(network, network.shift, j, state, weights), byShift[j], 2e-3);
    }
  }

  private static double difference(
      HeadNetwork network, float[] values, int j, float[] state, float[] weights) {
    float step = 1e-2f;
    float before = values[j];
    values[j] = before + step;
    double more = sum(network, state, weights);
    values[j] = before - step;
    double less = sum(network, state, weights);
    values[j] = before;
    return (more - less) / (2 * step);
  }

  private static double sum(HeadNetwork network, float[] state, float[] weights) {
    var pass = new HeadNetwork.Pass(1, INNER);
    network.forward(network.densePacked(), new float[][] {state}, 0, 1, pass);
    double sum = 0;
    for (int j = 0; j < INNER; j++) {
      sum += (double) pass.outcome[0][j] * weights[j];
    }
    return sum;
  }
}
