package io.polyseme.sense;

import io.polyseme.vector.RidgeRegression;
import io.polyseme.vector.Vectors;
import java.util.stream.IntStream;

/**
 * A linear map that is being trained, by Adam (Kingma and Ba 2015, "Adam: A Method for Stochastic
 * Optimization", algorithm 1). Its outcome does not depend on the number of threads: no sum is
 * shared between them. Not thread-safe itself.
 */
final class LinearMap {
  private static final double FIRST_DECAY = 0.9;
  private static final double SECOND_DECAY = 0.99;
  private static final double EPSILON = 1e-8;

  private final float[][] weights;
  private final float[][] gradient;
  private final float[][] first;
  private final float[][] second;
  private int steps;

  /**
   * @param weights by rows, one for each dimension of the outcome; changed in place
   */
  LinearMap(float[][] weights) {
    this.weights = weights;
    this.gradient = new float[weights.length][weights[0].length];
    this.first = new float[weights.length][weights[0].length];
    this.second = new float[weights.length][weights[0].length];
  }

  static LinearMap identity(int rows, int columns) {
    var weights = new float[rows][columns];
    for (int i = 0; i < Math.min(rows, columns); i++) {
      weights[i][i] = 1;
    }
    return new LinearMap(weights);
  }

  /**
   * The map that takes inputs nearest to given outcomes, by weighted least squares with a penalty
   * on its size (ridge regression).
   *
   * @param ridge of the inputs' mean square, added to each of their dimensions
   */
  static LinearMap ridge(float[][] inputs, float[][] outcomes, double[] weights, double ridge) {
    var regression = new RidgeRegression(inputs[0].length, outcomes[0].length);
    regression.add(inputs, outcomes, weights);
    return new LinearMap(regression.solve(ridge));
  }

  float[][] weights() {
    return weights;
  }

  /** Maps vectors, and brings what comes out to unit length. */
  Units units(float[][] vectors) {
    return new Units(vectors);
  }

  /** Adds to the derivatives of one weight. */
  void addGradient(int row, int column, double derivative) {
    gradient[row][column] += (float) derivative;
  }

  /** Changes the weights by the derivatives that were added since the last step. */
  void step(double rate) {
    steps++;
    double firstBias = 1 - Math.pow(FIRST_DECAY, steps);
    double secondBias = 1 - Math.pow(SECOND_DECAY, steps);
    IntStream.range(0, weights.length)
        .parallel()
        .forEach(
            j -> {
              for (int k = 0; k < weights[j].length; k++) {
                double g = gradient[j][k];
                double m = FIRST_DECAY * first[j][k] + (1 - FIRST_DECAY) * g;
                double v = SECOND_DECAY * second[j][k] + (1 - SECOND_DECAY) * g * g;
                first[j][k] = (float) m;
                second[j][k] = (float) v;
                weights[j][k] -=
                    (float) (rate * (m / firstBias) / (Math.sqrt(v / secondBias) + EPSILON));
                gradient[j][k] = 0;
              }
            });
  }

  /** Some vectors as the map places them, of unit length. */
  final class Units {
    private final float[][] vectors;
    private final float[][] units;
    private final double[] lengths;

    private Units(float[][] vectors) {
      this.vectors = vectors;
      this.units = new float[vectors.length][];
      this.lengths = new double[vectors.length];
      IntStream.range(0, vectors.length)
          .parallel()
          .forEach(
              i -> {
                lengths[i] = toUnit(units[i] = map(weights, vectors[i]));
              });
    }

    int size() {
      return units.length;
    }

    /** Of unit length, or zero where the vector is mapped to zero. */
    float[] get(int i) {
      return units[i];
    }

    /**
     * Adds to the map's derivatives.
     *
     * @param byUnits the loss's derivatives by the vectors of unit length
     */
    void addGradient(float[][] byUnits) {
      var byMapped = new float[units.length][];
      for (int i = 0; i < units.length; i++) {
        byMapped[i] = throughUnit(byUnits[i], units[i], lengths[i]);
      }
      IntStream.range(0, weights.length)
          .parallel()
          .forEach(
              j -> {
                for (int i = 0; i < vectors.length; i++) {
                  if (byMapped[i][j] != 0) {
                    Vectors.addScaled(gradient[j], vectors[i], byMapped[i][j]);
                  }
                }
              });
    }
  }

  /** A vector as the map of these weights places it, of unit length. */
  static float[] unit(float[][] weights, float[] vector) {
    float[] unit = map(weights, vector);
    toUnit(unit);
    return unit;
  }

  private static float[] map(float[][] weights, float[] vector) {
    var mapped = new float[weights.length];
    for (int j = 0; j < weights.length; j++) {
      mapped[j] = Vectors.dot(weights[j], vector);
    }
    return mapped;
  }

  /** Brings a vector to unit length in place, unless it is zero; returns the length it had. */
  static double toUnit(float[] vector) {
    double length = Math.sqrt(Vectors.squaredNorm(vector));
    if (length > 0) {
      Vectors.scale(vector, (float) (1 / length));
    }
    return length;
  }

  /**
   * The derivative by a vector, given that by the vector brought to unit length.
   *
   * @param length of the vector; with 0 nothing comes through
   */
  static float[] throughUnit(float[] byUnit, float[] unit, double length) {
    var by = new float[unit.length];
    if (length > 0) {
      Vectors.addScaled(by, byUnit, (float) (1 / length));
      Vectors.addScaled(by, unit, (float) (-Vectors.dot(byUnit, unit) / length));
    }
    return by;
  }
}
