package io.polyseme.encoder;

import io.polyseme.model.Pooling;
import java.util.List;

/**
 * Makes the vectors of whole texts and of passages. A text of one window is pooled as the model's
 * authors do: the mean of all tokens, special ones included, the first or the last. Over several
 * windows each counts by the tokens that it owns, so that none counts twice.
 */
record SentencePooler(Pooling pooling, boolean normalise, int dimension) {

  /** How a passage is pooled out of the windows of its text, where it has no first token. */
  Pooling latePooling() {
    return pooling == Pooling.CLS ? Pooling.MEAN : pooling;
  }

  PiecePooling latePiecePooling() {
    return switch (pooling) {
      case MEAN, CLS -> PiecePooling.MEAN;
      case MAX -> PiecePooling.MAX;
      case LAST -> PiecePooling.LAST;
    };
  }

  float[] late(Pool pool, int layer) {
    float[] vector = pool.vector(layer);
    return normalise ? normalised(vector) : vector;
  }

  float[] join(List<Window> windows, int layer) {
    var joined = new Joined(layer);
    windows.forEach(joined::add);
    return joined.vector();
  }

  /** The vector of a text at one layer, as its windows come, in their order. */
  final class Joined {
    private final int layer;
    private final double[] values = new double[dimension];
    private double total;

    Joined(int layer) {
      this.layer = layer;
    }

    void add(Window window) {
      float[] pooled = window.sentence[layer];
      // The pool of a window is a sum where the pooling is the mean.
      double tokens =
          pooling == Pooling.MEAN ? window.weight() : Math.max(window.ownTo - window.ownFrom, 1);
      double weight = pooling == Pooling.MEAN ? 1 : tokens;
      for (int d = 0; d < dimension; d++) {
        values[d] =
            pooling != Pooling.MAX
                ? values[d] + weight * pooled[d]
                : total == 0 ? pooled[d] : Math.max(values[d], pooled[d]);
      }
      total += tokens;
    }

    float[] vector() {
      var vector = new float[dimension];
      for (int d = 0; d < dimension; d++) {
        vector[d] = (float) (pooling == Pooling.MAX ? values[d] : values[d] / total);
      }
      return normalise ? normalised(vector) : vector;
    }
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
