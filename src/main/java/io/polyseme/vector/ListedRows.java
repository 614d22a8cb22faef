package io.polyseme.vector;

import com.carrotsearch.hppc.ObjectIntHashMap;
import io.polyseme.PolysemeException;
import java.util.List;

/** Some labels of a space as rows; each is looked up when it is asked for. */
final class ListedRows implements LabelledRows {
  private final VectorSpace space;
  private final List<String> labels;
  private final ObjectIntHashMap<String> rows;

  ListedRows(VectorSpace space, List<String> labels) {
    this.space = space;
    this.labels = List.copyOf(labels);
    this.rows = new ObjectIntHashMap<>(labels.size());
    for (int row = labels.size() - 1; row >= 0; row--) {
      rows.put(labels.get(row), row);
    }
  }

  @Override
  public int size() {
    return labels.size();
  }

  @Override
  public int dimension() {
    return space.info().dimension();
  }

  @Override
  public String label(int row) {
    return labels.get(row);
  }

  @Override
  public int row(String label) {
    return rows.getOrDefault(label, -1);
  }

  @Override
  public void copyRow(int row, float[] into) {
    String label = labels.get(row);
    float[] vector =
        space
            .vector(label)
            .orElseThrow(
                () ->
                    new PolysemeException(
                        "\"%s\" is in the vocabulary but not in %s"
                            .formatted(label, space.info().name())));
    System.arraycopy(vector, 0, into, 0, vector.length);
  }
}
