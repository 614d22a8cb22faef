package io.polyseme.vector;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.Progress;
import java.util.List;
import java.util.function.Supplier;

/**
 * The dot products of every row with a fixed set of vectors: a blocked matrix multiplication whose
 * outcome is handed over block by block and never stands in memory as a whole. A block of rows,
 * each made unit length as it is loaded, is turned into columns, which stay in the first-level
 * cache while all the vectors pass by (Goto and van de Geijn 2008, "Anatomy of High-Performance
 * Matrix Multiplication"). Immutable and thread-safe.
 */
public final class BlockProducts {
  /** How many rows a block has; the last one may have fewer. */
  public static final int BLOCK = 256;

  private final LabelledRows rows;
  private final int size;
  private final int dimension;
  private final int count;
  private final float[] packed;
  private final PanelKernels kernels = PanelKernels.BEST;

  /** Takes the products of a block. Each belongs to one thread, and need not be thread-safe. */
  @FunctionalInterface
  public interface Taker {
    /**
     * @param first the block's first row
     * @param rows how many it has, from 1 to {@link #BLOCK}
     * @param table float[vectors][{@link #BLOCK}]: the product of vector v and row {@code first +
     *     i} is {@code table[v][i]}; from {@code rows} on 0; to be read only during the call
     */
    void take(int first, int rows, float[][] table);
  }

  /**
   * @param size only the first so many rows are multiplied
   * @param vectors each float[dimension]; copied, and not normalised
   * @throws IllegalArgumentException if a vector has another dimension, or there are not so many
   *     rows
   */
  public BlockProducts(LabelledRows rows, int size, List<float[]> vectors) {
    if (size < 0 || size > rows.size()) {
      throw new IllegalArgumentException("the first %d of %d rows".formatted(size, rows.size()));
    }
    this.rows = rows;
    this.size = size;
    this.dimension = rows.dimension();
    this.count = vectors.size();
    int tile = kernels.tile();
    int padded = Math.ceilDiv(count, tile) * tile;
    this.packed = new float[Math.multiplyExact(padded, dimension)];
    for (int v = 0; v < count; v++) {
      float[] vector = vectors.get(v);
      if (vector.length != dimension) {
        throw new IllegalArgumentException(
            "a vector of %d dimensions, and rows of %d".formatted(vector.length, dimension));
      }
      for (int j = 0; j < dimension; j++) {
        packed[v / tile * tile * dimension + j * tile + v % tile] = vector[j];
      }
    }
  }

  /**
   * Multiplies, by threads of its own that share the blocks out among them.
   *
   * @param takers makes a taker for each thread, before the work begins
   * @param threads at least 1
   * @param task what {@code progress} is told is being done
   * @return the takers; which one took which block differs from run to run
   * @throws CancelledException if cancelled
   */
  public <T extends Taker> List<T> forEach(
      Supplier<T> takers, int threads, String task, Progress progress, Cancel cancel) {
    int blocks = Math.ceilDiv(size, BLOCK);
    return Parallel.forEach(
            blocks,
            threads,
            () -> new Worker<>(takers.get(), new Table()),
            (worker, block) -> {
              int first = block * BLOCK;
              int n = Math.min(BLOCK, size - first);
              worker.table.fill(first, n);
              worker.taker.take(first, n, worker.table.products);
            },
            task,
            progress,
            cancel)
        .stream()
        .map(Worker::taker)
        .toList();
  }

  /**
   * The first number of {@code numbers[from..to)} that is at least {@code least}, by its index;
   * {@code to} if there is none. NaN never is.
   */
  public static int firstAtLeast(float[] numbers, int from, int to, float least) {
    return PanelKernels.BEST.firstAtLeast(numbers, from, to, least);
  }

  private record Worker<T extends Taker>(T taker, Table table) {}

  /** One thread's block. */
  private final class Table {
    private final float[] panel = new float[BLOCK * dimension];
    private final float[] row = new float[dimension];
    final float[][] products = new float[packed.length / dimension][BLOCK];

    void fill(int first, int n) {
      load(first, n);
      int strip = kernels.strip();
      int tile = kernels.tile();
      for (int from = 0; from < BLOCK; from += strip) {
        for (int v = 0; v < count; v += tile) {
          kernels.multiply(
              panel, from * dimension, packed, v * dimension, dimension, products, v, from);
        }
      }
    }

    private void load(int first, int n) {
      int strip = kernels.strip();
      for (int i = 0; i < BLOCK; i++) {
        float inverse = 0;
        if (i < n) {
          rows.copyRow(first + i, row);
          float squares = Vectors.squaredNorm(row);
          // Past the range of float, the long way.
          inverse =
              squares > 1e-30f && squares < 1e30f ? (float) (1 / Math.sqrt(squares)) : unit(row);
        }
        int at = i / strip * strip * dimension + i % strip;
        for (int j = 0; j < dimension; j++) {
          panel[at + j * strip] = row[j] * inverse;
        }
      }
    }

    /** Makes the row unit length, where it has a direction; the factor that is left to do. */
    private static float unit(float[] row) {
      double squares = 0;
      for (float x : row) {
        squares += (double) x * x;
      }
      double norm = Math.sqrt(squares);
      for (int j = 0; j < row.length; j++) {
        row[j] = squares == 0 ? 0 : (float) (row[j] / norm);
      }
      return 1;
    }
  }
}
