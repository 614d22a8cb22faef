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
 * Ridge regression of vectors on vectors (Hoerl and Kennard 1970), from sums of products that are
 * gathered block by block: the outcome does not depend on the number of threads, nor memory on the
 * number of rows.
 */
final class RidgeFit {
  private static final int BLOCK = 512;
  private static final int PART = 64;

  /** Of the mean variance of a dimension, added to that of each. */
  private static final double RIDGE = 1e-3;

  private final int from;
  private final int to;
  private final int threads;
  private final float[][] inputs = new float[BLOCK][];
  private final float[][] outcomes = new float[BLOCK][];
  private final double[][] squares;
  private final double[][] products;
  private final double[] inputSums;
  private final double[] outcomeSums;
  private int filled;
  private long count;

  /** An affine map, a row of the map for each number of the outcome. */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Affine(float[][] map, float[] shift) {
    /** A new vector. */
    float[] apply(float[] vector) {
      var outcome = new float[shift.length];
      for (int i = 0; i < outcome.length; i++) {
        double sum = shift[i];
        for (int j = 0; j < vector.length; j++) {
          sum += (double) map[i][j] * vector[j];
        }
        outcome[i] = (float) sum;
      }
      return outcome;
    }
  }

  RidgeFit(int from, int to, int threads) {
    this.from = from;
    this.to = to;
    this.threads = threads;
    this.squares = new double[from][from];
    this.products = new double[from][to];
    this.inputSums = new double[from];
    this.outcomeSums = new double[to];
  }

  /**
   * @param input float[from], kept until the block is full
   * @param outcome float[to], likewise
   */
  void add(float[] input, float[] outcome, Cancel cancel) {
    inputs[filled] = input;
    outcomes[filled] = outcome;
    if (++filled == BLOCK) {
      flush(cancel);
    }
  }

  private void flush(Cancel cancel) {
    if (filled == 0) {
      return;
    }
    float[][] left = MatrixProduct.transposed(Arrays.copyOf(inputs, filled));
    float[][] right = MatrixProduct.transposed(Arrays.copyOf(outcomes, filled));
    var byLeft = new MatrixProduct(left);
    var byRight = new MatrixProduct(right);
    var square = new float[from][from];
    var product = new float[from][to];
    Parallel.forEach(
        Math.ceilDiv(from, PART),
        threads,
        () -> square,
        (_, part) -> {
          int first = part * PART;
          int end = Math.min(from, first + PART);
          byLeft.multiply(left, first, end, square);
          byRight.multiply(left, first, end, product);
          for (int i = first; i < end; i++) {
            add(square[i], squares[i]);
            add(product[i], products[i]);
          }
        },
        "",
        Progress.NONE,
        cancel);
    for (int i = 0; i < filled; i++) {
      add(inputs[i], inputSums);
      add(outcomes[i], outcomeSums);
    }
    count += filled;
    filled = 0;
  }

  private static void add(float[] values, double[] into) {
    for (int j = 0; j < values.length; j++) {
      into[j] += values[j];
    }
  }

  /**
   * The map that takes inputs nearest to their outcomes.
   *
   * @throws PolysemeException if there is a value that is no number
   */
  Affine fit(Cancel cancel) {
    flush(cancel);
    var covariance = new DMatrixRMaj(from, from);
    var cross = new DMatrixRMaj(from, to);
    double trace = 0;
    for (int i = 0; i < from; i++) {
      double mean = inputSums[i] / count;
      for (int j = 0; j < from; j++) {
        // Not symmetric to the last bit as it was summed.
        double square = squares[Math.min(i, j)][Math.max(i, j)];
        covariance.set(i, j, square / count - mean * inputSums[j] / count);
      }
      for (int j = 0; j < to; j++) {
        cross.set(i, j, products[i][j] / count - mean * outcomeSums[j] / count);
      }
      trace += covariance.get(i, i);
    }
    for (int i = 0; i < from; i++) {
      covariance.add(i, i, RIDGE * trace / from + 1e-9);
    }
    var solution = new DMatrixRMaj(from, to);
    if (!CommonOps_DDRM.solveSPD(covariance, cross, solution)) {
      throw new PolysemeException(
          "nothing can be learned from the model's hidden states: they have values that are no numbers");
    }
    var map = new float[to][from];
    var shift = new float[to];
    for (int i = 0; i < to; i++) {
      double constant = outcomeSums[i] / count;
      for (int j = 0; j < from; j++) {
        map[i][j] = (float) solution.get(j, i);
        constant -= solution.get(j, i) * inputSums[j] / count;
      }
      shift[i] = (float) constant;
    }
    return new Affine(map, shift);
  }
}
