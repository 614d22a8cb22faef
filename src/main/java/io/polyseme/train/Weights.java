package io.polyseme.train;

import io.polyseme.PolysemeException;
import java.util.SplittableRandom;

/**
 * What is learned: a row for each word as an input, and one as an output. Rows are padded with
 * zeros to a whole number of SIMD registers; behind the outputs is a row of zeros, which fills up
 * tiles. Written by many threads without locks (Niu et al. 2011, "Hogwild!").
 */
final class Weights {
  final int dimension;
  final int width;
  final int words;
  final float[] inputs;
  final float[] outputs;

  private Weights(int dimension, int width, int words, int rows) {
    this.dimension = dimension;
    this.width = width;
    this.words = words;
    this.inputs = new float[rows * width];
    this.outputs = new float[(words + 1) * width];
  }

  /**
   * As word2vec begins: inputs at random within half an inverse of the dimension, outputs zero.
   *
   * @param rows inputs: words, and what else there is
   */
  static Weights random(int dimension, int words, int rows, int lanes, long seed) {
    int width = width(dimension, lanes);
    long most = (long) Math.max(rows, words + 1) * width;
    if (most > Integer.MAX_VALUE - 16) {
      throw new PolysemeException(
          "%,d vectors of %,d dimensions are more than the two billion numbers that can be trained"
                  .formatted(rows, dimension)
              + " at once: take fewer words, by a larger least count or a limit, or dimensions");
    }
    var weights = new Weights(dimension, width, words, rows);
    var random = new SplittableRandom(seed);
    for (int row = 0; row < rows; row++) {
      for (int d = 0; d < dimension; d++) {
        weights.inputs[row * width + d] = (float) ((random.nextDouble() - 0.5) / dimension);
      }
    }
    return weights;
  }

  void copyInput(int row, float[] into) {
    System.arraycopy(inputs, row * width, into, 0, dimension);
  }

  void setInput(int row, float[] from) {
    System.arraycopy(from, 0, inputs, row * width, dimension);
  }

  void copyOutput(int row, float[] into) {
    System.arraycopy(outputs, row * width, into, 0, dimension);
  }

  static int width(int dimension, int lanes) {
    return Math.ceilDiv(dimension, lanes) * lanes;
  }

  /** How many bytes the weights take. */
  static long bytes(int dimension, int words, int rows, int lanes) {
    return (long) Float.BYTES * width(dimension, lanes) * ((long) rows + words + 1);
  }
}
