package io.polyseme.vector;

import java.util.Arrays;

/**
 * The inner loops over panels of rows: a panel is a strip of rows, column after column, so that a
 * lane is a row. This one is plain Java, in loops that the JIT makes vector code of; {@link
 * SimdPanelKernels} names the vectors.
 */
class PanelKernels {
  /** The fastest that this JVM has. */
  static final PanelKernels BEST = best();

  private static PanelKernels best() {
    if (Kernels.BEST.simd()) {
      try {
        // By name: without the module the class could not even be linked.
        return (PanelKernels)
            Class.forName("io.polyseme.vector.SimdPanelKernels")
                .getDeclaredConstructor()
                .newInstance();
      } catch (ReflectiveOperationException | LinkageError e) {
        System.getLogger(PanelKernels.class.getName())
            .log(System.Logger.Level.DEBUG, "products of blocks without SIMD", e);
      }
    }
    return new PanelKernels();
  }

  /** How many rows a strip has: divides {@link BlockProducts#BLOCK}. */
  int strip() {
    return BlockProducts.BLOCK;
  }

  /** How many vectors are multiplied at a time: their number is made up to a multiple of it. */
  int tile() {
    return 1;
  }

  /**
   * The products of the vectors of a tile with the rows of a strip.
   *
   * @param panel the strip begins at {@code from}: {@code dimension} columns of {@link #strip()}
   * @param vectors the tile begins at {@code at}: for each dimension a number of each vector
   * @param table the products of the tile's first vector go to {@code table[vector]}, from {@code
   *     row} on, those of each further one to the next
   */
  void multiply(
      float[] panel,
      int from,
      float[] vectors,
      int at,
      int dimension,
      float[][] table,
      int vector,
      int row) {
    int strip = BlockProducts.BLOCK;
    float[] into = table[vector];
    Arrays.fill(into, 0);
    int j = 0;
    // Four columns at a time: a quarter of the loads and stores of the sums.
    for (; j + 4 <= dimension; j += 4) {
      int column = from + j * strip;
      float w0 = vectors[at + j];
      float w1 = vectors[at + j + 1];
      float w2 = vectors[at + j + 2];
      float w3 = vectors[at + j + 3];
      for (int i = 0; i < strip; i++) {
        into[i] +=
            w0 * panel[column + i]
                + w1 * panel[column + strip + i]
                + w2 * panel[column + 2 * strip + i]
                + w3 * panel[column + 3 * strip + i];
      }
    }
    for (; j < dimension; j++) {
      float w = vectors[at + j];
      int column = from + j * strip;
      for (int i = 0; i < strip; i++) {
        into[i] += w * panel[column + i];
      }
    }
  }

  /** The first index from {@code from} on whose number is at least this; {@code to} if none is. */
  int firstAtLeast(float[] numbers, int from, int to, float least) {
    for (int i = from; i < to; i++) {
      if (numbers[i] >= least) {
        return i;
      }
    }
    return to;
  }
}
