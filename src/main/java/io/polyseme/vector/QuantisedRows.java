package io.polyseme.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/**
 * An int8 copy of a matrix, its rows taken at unit length: a quarter of the bytes, which decides
 * nearly every comparison. Row x is kept as a scale s and integers c from -127 to 127 with x̂ = s
 * c, and the length of the rest, ‖x - x̂‖; for a unit query q then |q·x - q·x̂| ≤ ‖x - x̂‖ (Cauchy
 * and Schwarz), so that what cannot be among the best is passed over with certainty, and only the
 * others are looked at in full.
 *
 * <p>Rows lie in blocks of {@value #BLOCK}, and in a block dimension by dimension: {@value #BLOCK}
 * bytes for dimension 0 of all its rows, then for dimension 1. The last block is filled up with
 * zeros. Thread-safe for reading.
 *
 * @param codes int8, {@link #codeBytes}
 * @param scales float32 for each row, {@link #padded} of them
 * @param residuals float32 for each row, at least ‖x - x̂‖; {@link #padded} of them
 */
public record QuantisedRows(
    MemorySegment codes, MemorySegment scales, MemorySegment residuals, int count, int dimension) {
  /** How many rows lie together. */
  public static final int BLOCK = 64;

  /** The greatest code. */
  private static final int GREATEST = 127;

  public QuantisedRows {
    if (codes.byteSize() < codeBytes(count, dimension)
        || scales.byteSize() < 4L * padded(count)
        || residuals.byteSize() < 4L * padded(count)) {
      throw new IllegalArgumentException(
          "%d quantised rows of %d do not fit into %d bytes"
              .formatted(count, dimension, codes.byteSize()));
    }
  }

  /** The number of rows with those that fill the last block up. */
  public static int padded(int count) {
    return Math.toIntExact((count + BLOCK - 1L) / BLOCK * BLOCK);
  }

  /** The size of the codes, in bytes. */
  public static long codeBytes(int count, int dimension) {
    return (long) padded(count) * dimension;
  }

  /** Room for a copy, filled by {@link #quantise}. */
  public static QuantisedRows allocate(Arena arena, int count, int dimension) {
    long padded = Math.max(1, padded(count));
    return new QuantisedRows(
        arena.allocate(padded * dimension, 64),
        arena.allocate(4 * padded, 64),
        arena.allocate(4 * padded, 64),
        count,
        dimension);
  }

  /** How many blocks there are. */
  public int blocks() {
    return padded(count) / BLOCK;
  }

  /**
   * Fills the copy, with all processors.
   *
   * @param inverseNorms float32 for each row, 1 / its length, and 0 for the zero vector
   */
  public void quantise(Rows rows, MemorySegment inverseNorms) {
    IntStream.range(0, blocks()).parallel().forEach(block -> quantise(rows, inverseNorms, block));
  }

  private void quantise(Rows rows, MemorySegment inverseNorms, int block) {
    var row = new float[dimension];
    var transposed = new byte[BLOCK * dimension];
    for (int i = 0; i < BLOCK; i++) {
      int r = block * BLOCK + i;
      double scale = 0;
      double residual = 0;
      if (r < count) {
        rows.get(r, row);
        double inverse = inverseNorms.getAtIndex(ValueLayout.JAVA_FLOAT, r);
        double greatest = 0;
        for (float x : row) {
          greatest = Math.max(greatest, Math.abs(x));
        }
        // Of the scale as it is stored, a float: the rest must be that of the codes as they are.
        scale = (float) (greatest * inverse / GREATEST);
        for (int d = 0; d < dimension; d++) {
          double x = row[d] * inverse;
          long code = scale == 0 ? 0 : Math.clamp(Math.round(x / scale), -GREATEST, GREATEST);
          transposed[d * BLOCK + i] = (byte) code;
          double rest = x - scale * code;
          residual += rest * rest;
        }
      }
      scales.setAtIndex(ValueLayout.JAVA_FLOAT, r, (float) scale);
      residuals.setAtIndex(
          ValueLayout.JAVA_FLOAT, r, Math.nextUp((float) (Math.sqrt(residual) * (1 + 1e-6))));
    }
    MemorySegment.copy(
        transposed, 0, codes, ValueLayout.JAVA_BYTE, offset(block), transposed.length);
  }

  /** Where a block begins among the codes, in bytes. */
  long offset(int block) {
    return (long) block * BLOCK * dimension;
  }
}
