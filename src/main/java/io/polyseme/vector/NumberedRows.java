package io.polyseme.vector;

import java.util.List;

/** Vectors whose labels are their numbers. */
record NumberedRows(List<float[]> vectors) implements LabelledRows {
  NumberedRows {
    vectors = List.copyOf(vectors);
    if (vectors.isEmpty()) {
      throw new IllegalArgumentException("there are no vectors");
    }
  }

  @Override
  public int size() {
    return vectors.size();
  }

  @Override
  public int dimension() {
    return vectors.getFirst().length;
  }

  @Override
  public String label(int row) {
    return Integer.toString(row);
  }

  @Override
  public int row(String label) {
    try {
      int row = Integer.parseInt(label);
      return row >= 0 && row < size() ? row : -1;
    } catch (NumberFormatException _) {
      return -1;
    }
  }

  @Override
  public void copyRow(int row, float[] into) {
    float[] vector = vectors.get(row);
    System.arraycopy(vector, 0, into, 0, vector.length);
  }
}
