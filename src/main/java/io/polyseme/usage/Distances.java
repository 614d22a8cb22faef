package io.polyseme.usage;

import io.polyseme.vector.Vectors;
import java.util.List;

/** Cosine distances among vectors of unit length. */
final class Distances {
  private Distances() {}

  /** The mean over all pairs of different vectors; at least two vectors. */
  static double within(List<float[]> units) {
    // The square of the sum holds every pair twice, and each vector with itself.
    double square = 0;
    for (double x : Means.sum(units)) {
      square += x * x;
    }
    double own = 0;
    for (float[] unit : units) {
      own += Vectors.squaredNorm(unit);
    }
    double n = units.size();
    return Math.clamp(1 - (square - own) / (n * (n - 1)), 0, 2);
  }
}
