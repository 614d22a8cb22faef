package io.polyseme.train.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** How fast PyTorch multiplies matrices here, and nothing else. */
final class MatrixProbe {
  private static final int ROWS = 2048;
  private static final double SECONDS = 0.3;

  private MatrixProbe() {}

  /** Operations a second of a product of the shape of a feed-forward layer. */
  static double operationsPerSecond(NDManager manager, int dimension) {
    int inner = 4 * dimension;
    try (NDManager own = manager.newSubManager()) {
      NDArray rows = own.randomNormal(new Shape(ROWS, dimension));
      NDArray matrix = own.randomNormal(new Shape(dimension, inner));
      rows.matMul(matrix).close();
      double best = 0;
      for (int trial = 0; trial < 3; trial++) {
        long start = System.nanoTime();
        int done = 0;
        double seconds;
        do {
          rows.matMul(matrix).close();
          done++;
          seconds = (System.nanoTime() - start) / 1e9;
        } while (seconds < SECONDS);
        best = Math.max(best, done * 2.0 * ROWS * dimension * inner / seconds);
      }
      return best;
    }
  }
}
