package io.polyseme.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A matrix off the heap: float32 in the machine's byte order, row after row without gaps. The
 * memory is its arena's. Thread-safe for reading.
 *
 * @param memory of at least {@code 4 * count * dimension} bytes
 */
public record Rows(MemorySegment memory, int count, int dimension) {
  public Rows {
    if (count < 0 || dimension < 1 || memory.byteSize() < 4L * count * dimension) {
      throw new IllegalArgumentException(
          "%d rows of %d do not fit into %d bytes".formatted(count, dimension, memory.byteSize()));
    }
  }

  /** A matrix of zeros. */
  public static Rows allocate(Arena arena, int count, int dimension) {
    return new Rows(arena.allocate(Math.max(4L * count * dimension, 1), 64), count, dimension);
  }

  /** Copies a row out into float[dimension]. */
  public void get(int row, float[] into) {
    MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT_UNALIGNED, offset(row), into, 0, dimension);
  }

  /** Copies float[dimension] into a row. */
  public void set(int row, float[] from) {
    MemorySegment.copy(from, 0, memory, ValueLayout.JAVA_FLOAT_UNALIGNED, offset(row), dimension);
  }

  /** Where a row begins, in bytes. */
  long offset(int row) {
    if (row < 0 || row >= count) {
      throw new IndexOutOfBoundsException("row " + row + " of " + count);
    }
    return 4L * row * dimension;
  }
}
