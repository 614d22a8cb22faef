package io.polyseme.encoder;

import io.polyseme.model.Pooling;
import java.util.List;

/**
 * Makes the vector of a whole text. A text of one window is pooled as the model's authors do: the
 * mean of all tokens, special ones included, the first or the last. Over several windows each counts
 * by the tokens that it owns, so that none counts twice.
 *
 * @param specials how many special tokens a window has
 */
record SentencePooler(Pooling pooling, boolean normalise, int dimension, int specials) {

  /** How many tokens a window stands for; its pool is their sum where the pooling is the mean. */
  private double tokens(TextJob.Window window) {
    int own = window.ownTo - window.ownFrom;
    return pooling == Pooling.MEAN ? own + specials : Math.max(own, 1);
  }

  float[] join(List<TextJob.Window> windows, int layer) {
    var result = new float[dimension];
    if (pooling == Pooling.MAX) {
      System.arraycopy(windows.getFirst().sentence[layer], 0, result, 0, dimension);
      for (TextJob.Window window : windows) {
        float[] pooled = window.sentence[layer];
        for (int d = 0; d < dimension; d++) {
          result[d] = Math.max(result[d], pooled[d]);
        }
      }
    } else {
      var sum = new double[dimension];
      double total = 0;
      for (TextJob.Window window : windows) {
        float[] pooled = window.sentence[layer];
        double tokens = tokens(window);
        double weight = pooling == Pooling.MEAN ? 1 : tokens;
        for (int d = 0; d < dimension; d++) {
          sum[d] += weight * pooled[d];
        }
        total += tokens;
      }
      for (int d = 0; d < dimension; d++) {
        result[d] = (float) (sum[d] / total);
      }
    }
    return normalise ? normalised(result) : result;
  }

  private static float[] normalised(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    double norm = Math.sqrt(squares);
    if (norm > 0) {
      for (int d = 0; d < vector.length; d++) {
        vector[d] = (float) (vector[d] / norm);
      }
    }
    return vector;
  }
}
