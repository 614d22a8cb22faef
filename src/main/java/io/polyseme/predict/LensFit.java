package io.polyseme.predict;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.MatrixProduct;
import io.polyseme.vector.Parallel;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The ridge regression of the last layer's states on those of each other layer, from sums of
 * products that are gathered block by block.
 */
final class LensFit {
  private static final int BLOCK = 512;

  /** Of the mean variance of a dimension, added to that of each. */
  private static final double RIDGE = 1e-3;

  private final int layers;
  private final int dimension;
  private final int threads;
  private final float[][][] block;
  private final float[][] last;
  private final double[][] squares;
  private final double[][] products;
  private final double[][] sums;
  private final double[] lastSums;
  private int filled;
  private long count;

  /**
   * @param layers those before the last, from 0
   */
  LensFit(int layers, int dimension, int threads) {
    this.layers = layers;
    this.dimension = dimension;
    this.threads = threads;
    this.block = new float[layers][BLOCK][];
    this.last = new float[BLOCK][];
    this.squares = new double[layers][dimension * dimension];
    this.products = new double[layers][dimension * dimension];
    this.sums = new double[layers][dimension];
    this.lastSums = new double[dimension];
  }

  long count() {
    return count + filled;
  }

  /**
   * @param states of the layers before the last, float[layers][dimension]; kept
   */
  void add(float[][] states, float[] lastState, Cancel cancel) {
    for (int layer = 0; layer < layers; layer++) {
      block[layer][filled] = states[layer];
    }
    last[filled++] = lastState;
    if (filled == BLOCK) {
      flush(cancel);
    }
  }

  private void flush(Cancel cancel) {
    if (filled == 0) {
      return;
    }
    float[][] outcomes = MatrixProduct.transposed(Arrays.copyOf(last, filled));
    var outcome = new MatrixProduct(outcomes);
    add(outcomes, lastSums);
    Parallel.forEach(
        layers,
        threads,
        () -> new float[dimension][dimension],
        (into, layer) -> {
          float[][] columns = MatrixProduct.transposed(Arrays.copyOf(block[layer], filled));
          add(columns, sums[layer]);
          new MatrixProduct(columns).multiply(columns, 0, dimension, into);
          addRows(into, squares[layer]);
          outcome.multiply(columns, 0, dimension, into);
          addRows(into, products[layer]);
        },
        "",
        Progress.NONE,
        cancel);
    count += filled;
    filled = 0;
  }

  private static void add(float[][] columns, double[] sums) {
    for (int j = 0; j < columns.length; j++) {
      for (float value : columns[j]) {
        sums[j] += value;
      }
    }
  }

  private void addRows(float[][] rows, double[] into) {
    for (int i = 0; i < dimension; i++) {
      for (int j = 0; j < dimension; j++) {
        into[i * dimension + j] += rows[i][j];
      }
    }
  }

  TunedLens fit(Cancel cancel) {
    flush(cancel);
    var maps = new float[layers][dimension][dimension];
    var shifts = new float[layers][dimension];
    Parallel.forEach(
        layers,
        threads,
        () -> maps,
        (into, layer) -> fit(layer, into[layer], shifts[layer]),
        "fitting the lens",
        Progress.NONE,
        cancel);
    return new TunedLens(maps, shifts);
  }

  private void fit(int layer, float[][] map, float[] shift) {
    var covariance = new DMatrixRMaj(dimension, dimension);
    var cross = new DMatrixRMaj(dimension, dimension);
    double trace = 0;
    for (int i = 0; i < dimension; i++) {
      double mean = sums[layer][i] / count;
      for (int j = 0; j < dimension; j++) {
        // Not symmetric to the last bit as it was summed.
        double square = squares[layer][Math.min(i, j) * dimension + Math.max(i, j)];
        covariance.set(i, j, square / count - mean * sums[layer][j] / count);
        cross.set(i, j, products[layer][i * dimension + j] / count - mean * lastSums[j] / count);
      }
      trace += covariance.get(i, i);
    }
    for (int i = 0; i < dimension; i++) {
      covariance.add(i, i, RIDGE * trace / dimension + 1e-9);
    }
    var solution = new DMatrixRMaj(dimension, dimension);
    if (!CommonOps_DDRM.solveSPD(covariance, cross, solution)) {
      throw new PolysemeException(
          "the lens of layer %d cannot be learned: its states are no numbers".formatted(layer));
    }
    for (int i = 0; i < dimension; i++) {
      double constant = lastSums[i] / count;
      for (int j = 0; j < dimension; j++) {
        map[i][j] = (float) solution.get(j, i);
        constant -= solution.get(j, i) * sums[layer][j] / count;
      }
      shift[i] = (float) constant;
    }
  }
}
