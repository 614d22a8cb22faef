package io.polyseme.vector;

import java.util.ArrayList;
import java.util.List;

/**
 * What vectors of usages have in common: mean and deviation of each dimension. A few dimensions of
 * an encoder are far from zero for every word and drown the others in a cosine; standardised, all
 * count alike (Timkey and van Schijndel 2021, "All Bark and No Bite: Rogue Dimensions in
 * Transformer Language Models Obscure Representational Quality"). Immutable.
 */
public final class Background {
  private final float[] mean;
  private final float[] scale;

  private Background(float[] mean, float[] scale) {
    this.mean = mean;
    this.scale = scale;
  }

  /**
   * What these have in common.
   *
   * @param vectors of equal dimension, at least one
   */
  public static Background of(List<float[]> vectors) {
    int dimension = vectors.getFirst().length;
    var sum = new double[dimension];
    for (float[] vector : vectors) {
      for (int d = 0; d < dimension; d++) {
        sum[d] += vector[d];
      }
    }
    var mean = new float[dimension];
    for (int d = 0; d < dimension; d++) {
      mean[d] = (float) (sum[d] / vectors.size());
    }
    var squares = new double[dimension];
    for (float[] vector : vectors) {
      for (int d = 0; d < dimension; d++) {
        double x = vector[d] - mean[d];
        squares[d] += x * x;
      }
    }
    var scale = new float[dimension];
    for (int d = 0; d < dimension; d++) {
      double deviation = Math.sqrt(squares[d] / vectors.size());
      // A dimension that never varies tells nothing.
      scale[d] = deviation > 1e-9 ? (float) (1 / deviation) : 0;
    }
    return new Background(mean, scale);
  }

  /** Standardised and of unit length; the zero vector where the vector is the mean itself. */
  public float[] apply(float[] vector) {
    var standard = new float[vector.length];
    for (int d = 0; d < standard.length; d++) {
      standard[d] = (vector[d] - mean[d]) * scale[d];
    }
    return Vectors.unitOrZero(standard);
  }

  /** Each as {@link #apply} makes it. */
  public List<float[]> applyAll(List<float[]> vectors) {
    var standard = new ArrayList<float[]>(vectors.size());
    vectors.forEach(vector -> standard.add(apply(vector)));
    return standard;
  }
}
