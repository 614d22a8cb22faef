package io.polyseme.encoder;

import org.jspecify.annotations.Nullable;

/**
 * A layer normalisation, (x - mean) / sqrt(variance + epsilon) × scale + shift (Ba et al. 2016).
 *
 * @param scale float[dimension]
 * @param shift float[dimension]; null for none
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record LayerNorm(float[] scale, float @Nullable [] shift, float epsilon) {
  /** The normalised vector, a new one. */
  public float[] apply(float[] x) {
    double mean = 0;
    for (float value : x) {
      mean += value;
    }
    mean /= x.length;
    double variance = 0;
    for (float value : x) {
      variance += (value - mean) * (value - mean);
    }
    double factor = 1 / Math.sqrt(variance / x.length + epsilon);
    var y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) ((x[i] - mean) * factor * scale[i] + (shift == null ? 0 : shift[i]));
    }
    return y;
  }
}
