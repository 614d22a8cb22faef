package io.polyseme.vector;

/**
 * A matrix that others are multiplied with from the left: A Bᵀ for this B, by the SIMD kernels that
 * {@link BlockProducts} has. Each number of the outcome is summed in one fixed order, whatever rows
 * are multiplied together. Immutable and thread-safe.
 */
public final class MatrixProduct {
  private final PanelKernels kernels = PanelKernels.BEST;
  private final int rows;
  private final int columns;
  private final float[] panels;

  /**
   * @param matrix B by its rows, float[n][k]; copied
   */
  public MatrixProduct(float[][] matrix) {
    this.rows = matrix.length;
    this.columns = matrix[0].length;
    int strip = kernels.strip();
    this.panels = new float[Math.multiplyExact(Math.ceilDiv(rows, strip) * strip, columns)];
    for (int i = 0; i < rows; i++) {
      int at = i / strip * strip * columns + i % strip;
      float[] row = matrix[i];
      for (int j = 0; j < columns; j++) {
        panels[at + j * strip] = row[j];
      }
    }
  }

  /** The number of B's rows n, which is that of the outcome's columns. */
  public int rows() {
    return rows;
  }

  /**
   * Multiplies some rows.
   *
   * @param left A by its rows, of which those in [from, to) are multiplied: float[k] each
   * @param into their outcomes go to the same places: float[n] each, overwritten
   */
  public void multiply(float[][] left, int from, int to, float[][] into) {
    int tile = kernels.tile();
    int strip = kernels.strip();
    int tiles = Math.ceilDiv(to - from, tile);
    var packed = new float[tiles * tile * columns];
    for (int i = from; i < to; i++) {
      int at = (i - from) / tile * tile * columns + (i - from) % tile;
      float[] row = left[i];
      for (int j = 0; j < columns; j++) {
        packed[at + j * tile] = row[j];
      }
    }
    var table = new float[tiles * tile][strip];
    for (int first = 0; first < rows; first += strip) {
      for (int t = 0; t < tiles; t++) {
        kernels.multiply(
            panels, first * columns, packed, t * tile * columns, columns, table, t * tile, 0);
      }
      int n = Math.min(strip, rows - first);
      for (int i = from; i < to; i++) {
        System.arraycopy(table[i - from], 0, into[i], first, n);
      }
    }
  }

  /** The matrix whose rows are another's columns. */
  public static float[][] transposed(float[][] matrix) {
    var turned = new float[matrix[0].length][matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      float[] row = matrix[i];
      for (int j = 0; j < row.length; j++) {
        turned[j][i] = row[j];
      }
    }
    return turned;
  }
}
