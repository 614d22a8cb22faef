package io.polyseme.train;

import io.polyseme.PolysemeException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What is learned: a row for each word as an input, and one as an output. Rows are padded with
 * zeros to a whole number of SIMD registers; behind the outputs is a row of zeros, which fills up
 * tiles, and behind the inputs one that takes what frozen words would have learned. Written by many
 * threads without locks (Niu et al. 2011, "Hogwild!").
 */
final class Weights {
  final int dimension;
  final int width;
  final int words;
  final int rows;
  final float[] inputs;
  final float[] outputs;

  /** A row for each place of a window, from its first word to its last; empty where all weigh 1. */
  final float[] positions;

  private Weights(int dimension, int width, int words, int rows, int positions) {
    this.dimension = dimension;
    this.width = width;
    this.words = words;
    this.rows = rows;
    this.inputs = new float[(rows + 1) * width];
    this.outputs = new float[(words + 1) * width];
    this.positions = new float[positions * width];
    Arrays.fill(this.positions, 1);
  }

  /**
   * As word2vec begins: inputs at random within half an inverse of the dimension, outputs zero.
   *
   * @param words of the vocabulary
   */
  static Weights random(TrainingOptions options, int words, int lanes) {
    int dimension = options.dimension();
    int rows = options.rows(words);
    int width = width(dimension, lanes);
    long most = (rows + 1L) * width;
    if (most > Integer.MAX_VALUE - 16) {
      throw new PolysemeException(
          "%,d vectors of %,d dimensions are more than the two billion numbers that can be trained"
                  .formatted(rows, dimension)
              + " at once: take fewer words, by a larger least count or a limit, or dimensions");
    }
    var weights =
        new Weights(
            dimension, width, words, rows, options.positionWeights() ? 2 * options.window() : 0);
    var random = new SplittableRandom(options.seed());
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

  void setOutput(int row, float[] from) {
    System.arraycopy(from, 0, outputs, row * width, dimension);
  }

  /** Where the row begins that takes what is not to be learned. */
  int scratch() {
    return rows * width;
  }

  void copyOutput(int row, float[] into) {
    System.arraycopy(outputs, row * width, into, 0, dimension);
  }

  static int width(int dimension, int lanes) {
    return Math.ceilDiv(dimension, lanes) * lanes;
  }

  /** How many bytes the weights take. */
  static long bytes(TrainingOptions options, int words, int lanes) {
    return (long) Float.BYTES
        * width(options.dimension(), lanes)
        * ((long) options.rows(words) + words + 2);
  }
}
