package io.polyseme.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The arithmetic of training against finite differences of its objective, in float64. */
class TrainingKernelsTest {
  private static final int TILE = TrainingKernels.TILE;
  private static final int WIDTH = 32;
  private static final int DIMENSION = 27;
  private static final int INPUTS = 3;

  static Stream<TrainingKernels> kernels() {
    return Stream.of(new TrainingKernels(), TrainingKernels.BEST);
  }

  private final Random random = new Random(3);
  private final float[] in = rows(5);
  private final float[] out = rows(9);
  private final int[] inputs = {4 * WIDTH, 0, 2 * WIDTH};
  private final int[] outputs = {8 * WIDTH, 0, 3 * WIDTH, 5 * WIDTH, WIDTH, 7 * WIDTH};
  private final float[] labels = {1, 0, 0, 1, 0, 0};
  private final float[] weights = {1, 1, 2, 1, 1, 0};

  private float[] rows(int count) {
    var rows = new float[count * WIDTH];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i % WIDTH < DIMENSION ? (float) random.nextGaussian() / 3 : 0;
    }
    return rows;
  }

  /** The objective, written down as plainly as can be. */
  private double objective(double[] in, double[] out) {
    double sum = 0;
    for (int x : inputs) {
      for (int t = 0; t < TILE; t++) {
        double dot = 0;
        for (int d = 0; d < DIMENSION; d++) {
          dot += in[x + d] * out[outputs[t] + d];
        }
        sum += weights[t] * Math.log(1 / (1 + Math.exp(labels[t] == 1 ? -dot : dot)));
      }
    }
    return sum;
  }

  private static double[] doubles(float[] a) {
    var d = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      d[i] = a[i];
    }
    return d;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void aStepIsTheGradient(TrainingKernels kernels) {
    var newIn = in.clone();
    var newOut = out.clone();
    var gradients = new float[INPUTS * TILE];
    kernels.step(
        newIn, inputs, 0, INPUTS, newIn, inputs, newOut, outputs, labels, weights, WIDTH,
        gradients);
    double h = 1e-5;
    for (int side = 0; side < 2; side++) {
      float[] before = side == 0 ? in : out;
      float[] after = side == 0 ? newIn : newOut;
      for (int i = 0; i < before.length; i++) {
        double[] x = doubles(in);
        double[] w = doubles(out);
        double[] moved = side == 0 ? x : w;
        moved[i] += h;
        double up = objective(x, w);
        moved[i] -= 2 * h;
        double down = objective(x, w);
        assertEquals((up - down) / (2 * h), after[i] - before[i], 2e-4, side + ", " + i);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void inputsMayBeReadAndChangedInDifferentPlaces(TrainingKernels kernels) {
    var together = in.clone();
    var gradients = new float[INPUTS * TILE];
    kernels.step(
        together,
        inputs,
        0,
        INPUTS,
        together,
        inputs,
        out.clone(),
        outputs,
        labels,
        weights,
        WIDTH,
        gradients);
    var changes = new float[INPUTS * WIDTH];
    int[] places = {0, WIDTH, 2 * WIDTH};
    kernels.step(
        in, inputs, 0, INPUTS, changes, places, out, outputs, labels, weights, WIDTH, gradients);
    for (int n = 0; n < INPUTS; n++) {
      for (int d = 0; d < WIDTH; d++) {
        assertEquals(together[inputs[n] + d], in[inputs[n] + d] + changes[places[n] + d], 1e-6);
      }
    }
  }

  @Test
  void simdIsPlainJava() {
    var plain = new TrainingKernels();
    float[][] result = new float[2][];
    int which = 0;
    for (TrainingKernels kernels : new TrainingKernels[] {plain, TrainingKernels.BEST}) {
      var x = in.clone();
      var w = out.clone();
      var mean = new float[WIDTH];
      for (int round = 0; round < 20; round++) {
        kernels.step(
            x,
            inputs,
            0,
            INPUTS,
            x,
            inputs,
            w,
            outputs,
            labels,
            weights,
            WIDTH,
            new float[INPUTS * TILE]);
        kernels.mean(x, inputs, INPUTS, mean, WIDTH);
        kernels.add(mean, -0.1f, x, inputs, INPUTS, WIDTH);
      }
      result[which] = new float[x.length + w.length];
      System.arraycopy(x, 0, result[which], 0, x.length);
      System.arraycopy(w, 0, result[which], x.length, w.length);
      which++;
    }
    assertArrayEquals(result[0], result[1], 1e-4f);
  }

  @Test
  void logisticFunction() {
    for (double x = -40; x < 40; x += 0.0137) {
      assertEquals(1 / (1 + Math.exp(-x)), TrainingKernels.logistic((float) x), 2e-5);
    }
    assertEquals(1, TrainingKernels.logistic(1000));
    assertEquals(0, TrainingKernels.logistic(-1000));
    assertEquals(Float.NaN, TrainingKernels.logistic(Float.NaN));
  }

  /** Code that is interpreted at first and compiled later must not round otherwise then. */
  @Test
  void aStepIsTheSameHoweverOftenItWasMade() {
    TrainingKernels kernels = TrainingKernels.BEST;
    int width = 112;
    var random = new java.util.Random(3);
    var inputs = new float[2 * width];
    var outputs = new float[TrainingKernels.TILE * width];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = random.nextFloat() - 0.5f;
    }
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = random.nextFloat() - 0.5f;
    }
    int[] rows = {0, width};
    int[] outRows = {0, width, 2 * width, 3 * width, 4 * width, 5 * width};
    float[] labels = {1, 0, 0, 0, 0, 0};
    float[] weights = {0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f};
    float[] first = null;
    for (int time = 0; time < 30_000; time++) {
      float[] in = inputs.clone();
      kernels.step(
          in,
          rows,
          0,
          2,
          in,
          rows,
          outputs.clone(),
          outRows,
          labels,
          weights,
          width,
          new float[2 * TrainingKernels.TILE]);
      if (first == null) {
        first = in;
      }
      org.junit.jupiter.api.Assertions.assertArrayEquals(first, in);
    }
  }
}
