package io.polyseme.vector;

import java.util.List;
import java.util.OptionalLong;

/**
 * Vectors that have numbers, from 0, as well as labels: for what goes through all of them. Where
 * words were counted, the commonest come first. Thread-safe; closed by whoever opened it.
 */
public interface LabelledRows {
  /** How many there are. */
  int size();

  int dimension();

  /**
   * @throws IndexOutOfBoundsException if there is no such row
   */
  String label(int row);

  /** The row of exactly this label; -1 where it is not there. */
  int row(String label);

  /**
   * Copies a vector, as it was given and not normalised.
   *
   * @param into float[dimension]
   * @throws IndexOutOfBoundsException if there is no such row
   */
  void copyRow(int row, float[] into);

  /**
   * How often a label occurred in what the vectors were made of; empty where that is not known.
   *
   * @throws IndexOutOfBoundsException if there is no such row
   */
  default OptionalLong frequency(int row) {
    return OptionalLong.empty();
  }

  /** These labels of a space, in this order; every one must be there. */
  static LabelledRows of(VectorSpace space, List<String> labels) {
    return new ListedRows(space, labels);
  }

  /** Vectors without names: their labels are their numbers, from 0. */
  static LabelledRows numbered(List<float[]> vectors) {
    return new NumberedRows(vectors);
  }
}
