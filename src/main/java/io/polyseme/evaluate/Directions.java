package io.polyseme.evaluate;

import java.util.Optional;

/** Vectors as directions; in doubles, so that equal inputs give equal scores on every machine. */
final class Directions {
  private Directions() {}

  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** From -1 to 1, and 1 for equal vectors to the last bit; 0 where either is zero. */
  static double cosine(float[] a, float[] b) {
    double squares = dot(a, a) * dot(b, b);
    return squares == 0 ? 0 : Math.clamp(dot(a, b) / Math.sqrt(squares), -1, 1);
  }

  /** A new vector of unit length in the same direction; empty for the zero vector. */
  static Optional<float[]> unit(float[] vector) {
    double norm = Math.sqrt(dot(vector, vector));
    if (norm == 0) {
      return Optional.empty();
    }
    var unit = new float[vector.length];
    for (int i = 0; i < vector.length; i++) {
      unit[i] = (float) (vector[i] / norm);
    }
    return Optional.of(unit);
  }
}
