package io.polyseme.predict;

/**
 * Steps of Adam (Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1)
 * over one array of numbers.
 */
final class Adam {
  private static final double FIRST_DECAY = 0.9;
  private static final double SECOND_DECAY = 0.99;
  private static final double EPSILON = 1e-8;

  private final float[] values;
  private final float[] first;
  private final float[] second;

  /**
   * @param values changed in place
   */
  Adam(float[] values) {
    this.values = values;
    this.first = new float[values.length];
    this.second = new float[values.length];
  }

  /**
   * @param step from 1
   */
  void step(float[] gradient, double rate, int step) {
    double firstBias = 1 - Math.pow(FIRST_DECAY, step);
    double secondBias = 1 - Math.pow(SECOND_DECAY, step);
    for (int i = 0; i < values.length; i++) {
      change(i, gradient[i], rate, firstBias, secondBias);
    }
  }

  /** Changes those numbers alone whose derivative is not zero: of sparse ones. */
  void step(int[] places, float[] gradient, double rate, int step) {
    double firstBias = 1 - Math.pow(FIRST_DECAY, step);
    double secondBias = 1 - Math.pow(SECOND_DECAY, step);
    for (int i : places) {
      change(i, gradient[i], rate, firstBias, secondBias);
    }
  }

  private void change(int i, double g, double rate, double firstBias, double secondBias) {
    double m = FIRST_DECAY * first[i] + (1 - FIRST_DECAY) * g;
    double v = SECOND_DECAY * second[i] + (1 - SECOND_DECAY) * g * g;
    first[i] = (float) m;
    second[i] = (float) v;
    values[i] -= (float) (rate * (m / firstBias) / (Math.sqrt(v / secondBias) + EPSILON));
  }
}
