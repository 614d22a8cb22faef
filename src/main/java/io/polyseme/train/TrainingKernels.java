package io.polyseme.train;

import java.util.Arrays;

/**
 * The inner loops of training. This one is plain Java; {@link SimdTrainingKernels} uses the
 * machine's vectors, with the same results but for rounding.
 *
 * <p>A tile is some inputs and {@value #TILE} outputs, each input against each output: a small
 * matrix product, whose gradient is two more (Ji et al. 2016, "Parallelizing Word2Vec in Shared and
 * Distributed Memory"). The outputs of a row's numbers are held in registers while all inputs go
 * by.
 */
class TrainingKernels {
  /** How many outputs a tile has: one that is there and five that are not, by default. */
  static final int TILE = 6;

  private static final float MOST = 8;
  private static final int STEPS = 512;
  private static final float SCALE = STEPS / (2 * MOST);

  /**
   * The logistic function from -{@value #MOST} to {@value #MOST}, between which lines are drawn.
   */
  private static final float[] LOGISTIC = new float[STEPS + 2];

  static {
    for (int i = 0; i < LOGISTIC.length; i++) {
      LOGISTIC[i] = (float) (1 / (1 + Math.exp(MOST - i / SCALE)));
    }
  }

  /** The fastest that this JVM has. */
  static final TrainingKernels BEST = best();

  private static TrainingKernels best() {
    if (!Boolean.getBoolean("io.polyseme.scalar")
        && ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      try {
        // By name: without the module the class could not even be linked.
        return (TrainingKernels)
            Class.forName("io.polyseme.train.SimdTrainingKernels")
                .getDeclaredConstructor()
                .newInstance();
      } catch (ReflectiveOperationException | LinkageError e) {
        System.getLogger(TrainingKernels.class.getName())
            .log(System.Logger.Level.DEBUG, "training without SIMD", e);
      }
    }
    return new TrainingKernels();
  }

  /** What a row's length must be a multiple of; what is beyond the dimension is 0, and stays so. */
  int lanes() {
    return 4;
  }

  /**
   * One step of gradient ascent on the sum, over inputs x and outputs w, of {@code weight *
   * log(logistic(±x·w))}, plus where the label is 1 and minus where it is 0. Both sides move by the
   * gradient of before the step; but where an input is there twice, its second time sees the first.
   *
   * @param from where the inputs are read
   * @param inputs where each of their rows begins
   * @param count how many
   * @param into where what they change by is added, at the same places; may be {@code from}
   * @param outs where the outputs are read and changed
   * @param outputs where each of the {@value #TILE} rows begins, all different
   * @param labels of each output, 1 or 0
   * @param weights of each output times the learning rate; 0 leaves it out
   * @param width a row's padded length
   * @param gradients takes the factors of the gradients, {@value #TILE} for each input
   */
  void step(
      float[] from,
      int[] inputs,
      int first,
      int count,
      float[] into,
      int[] places,
      float[] outs,
      int[] outputs,
      float[] labels,
      float[] weights,
      int width,
      float[] gradients) {
    for (int n = 0; n < count; n++) {
      int x = inputs[first + n];
      for (int t = 0; t < TILE; t++) {
        int w = outputs[t];
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        for (int d = 0; d < width; d += 4) {
          s0 += from[x + d] * outs[w + d];
          s1 += from[x + d + 1] * outs[w + d + 1];
          s2 += from[x + d + 2] * outs[w + d + 2];
          s3 += from[x + d + 3] * outs[w + d + 3];
        }
        gradients[n * TILE + t] = weights[t] * (labels[t] - logistic(s0 + s1 + (s2 + s3)));
      }
    }
    var old = new float[TILE];
    var moved = new float[TILE];
    for (int d = 0; d < width; d++) {
      for (int t = 0; t < TILE; t++) {
        old[t] = outs[outputs[t] + d];
      }
      System.arraycopy(old, 0, moved, 0, TILE);
      for (int n = 0; n < count; n++) {
        float x = from[inputs[first + n] + d];
        float sum = into[places[first + n] + d];
        for (int t = 0; t < TILE; t++) {
          float g = gradients[n * TILE + t];
          sum += g * old[t];
          moved[t] += g * x;
        }
        into[places[first + n] + d] = sum;
      }
      for (int t = 0; t < TILE; t++) {
        outs[outputs[t] + d] = moved[t];
      }
    }
  }

  /** Writes the mean of rows. */
  void mean(float[] from, int[] rows, int count, float[] into, int width) {
    Arrays.fill(into, 0, width, 0);
    for (int i = 0; i < count; i++) {
      int row = rows[i];
      for (int d = 0; d < width; d++) {
        into[d] += from[row + d];
      }
    }
    float inverse = 1f / count;
    for (int d = 0; d < width; d++) {
      into[d] *= inverse;
    }
  }

  /** Adds a vector to each of some rows. */
  void add(float[] vector, float factor, float[] into, int[] rows, int count, int width) {
    for (int i = 0; i < count; i++) {
      int row = rows[i];
      for (int d = 0; d < width; d++) {
        into[row + d] += factor * vector[d];
      }
    }
  }

  /** 1 / (1 + e^-x), to 2e-5 at worst. */
  static float logistic(float x) {
    if (x <= -MOST || x >= MOST || x != x) {
      return (float) (1 / (1 + Math.exp(-x)));
    }
    float place = (x + MOST) * SCALE;
    int step = (int) place;
    float below = LOGISTIC[step];
    return below + (LOGISTIC[step + 1] - below) * (place - step);
  }
}
