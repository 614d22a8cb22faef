package io.polyseme.encoder;

import java.util.Arrays;

/**
 * A projection of a model, y = x W + b.
 *
 * @param weights W, float[inputs × outputs], a row for each input
 * @param bias b, float[outputs]
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record Projection(int inputs, int outputs, float[] weights, float[] bias) {
  /** A row of the weights: what one input adds to the outputs, a copy. */
  public float[] row(int input) {
    return Arrays.copyOfRange(weights, input * outputs, (input + 1) * outputs);
  }
}
