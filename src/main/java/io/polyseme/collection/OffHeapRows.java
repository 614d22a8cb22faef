package io.polyseme.collection;

import com.carrotsearch.hppc.IntArrayList;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Rows;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** Vectors of unit length, or zero, off the heap, in pieces as they come. */
final class OffHeapRows implements LabelledRows, AutoCloseable {
  private static final int PIECE = 1 << 14;

  private final Arena arena = Arena.ofShared();
  private final List<Rows> pieces = new ArrayList<>();
  private final int dimension;
  private final List<String> labels;

  /** The entry that each row was made of. */
  private final IntArrayList entries = new IntArrayList();

  /**
   * @param labels of the entries, as they will be when the rows are read
   */
  OffHeapRows(int dimension, List<String> labels) {
    this.dimension = dimension;
    this.labels = labels;
  }

  void add(float[] unit, int entry) {
    int row = entries.size();
    if (row % PIECE == 0) {
      pieces.add(Rows.allocate(arena, PIECE, dimension));
    }
    pieces.getLast().set(row % PIECE, unit);
    entries.add(entry);
  }

  int entry(int row) {
    return entries.get(row);
  }

  @Override
  public int size() {
    return entries.size();
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public String label(int row) {
    return labels.get(entries.get(row));
  }

  /** Not looked for: a search goes by entries. */
  @Override
  public int row(String label) {
    throw new UnsupportedOperationException("rows are found by their entries");
  }

  @Override
  public void copyRow(int row, float[] into) {
    pieces.get(row / PIECE).get(row % PIECE, into);
  }

  @Override
  public void close() {
    arena.close();
  }
}
