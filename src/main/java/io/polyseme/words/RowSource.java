package io.polyseme.words;

/** Gives vectors by their numbers. */
@FunctionalInterface
public interface RowSource {
  /** Copies the vector of a row into float[dimension]. */
  void copy(int row, float[] into);
}
