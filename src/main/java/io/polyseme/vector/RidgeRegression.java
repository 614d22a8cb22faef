package io.polyseme.vector;

import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * The linear map that takes inputs nearest to given outcomes, by least squares with a penalty on
 * its size (Hoerl and Kennard 1970, "Ridge regression"). Examples are added in portions, of which
 * nothing is kept but sums. What comes out does not depend on the number of threads. Not
 * thread-safe.
 */
public final class RidgeRegression {
  private final int from;
  private final int to;
  private final float[][] squares;
  private final float[][] products;

  /**
   * @param from the dimension of inputs
   * @param to the dimension of outcomes
   */
  public RidgeRegression(int from, int to) {
    this.from = from;
    this.to = to;
    this.squares = new float[from][from];
    this.products = new float[from][to];
  }

  /** Adds examples that all count the same. */
  public void add(float[][] inputs, float[][] outcomes) {
    add(inputs, outcomes, null);
  }

  /**
   * Adds examples.
   *
   * @param inputs each float[from]
   * @param outcomes each float[to]
   * @param weights what each example counts
   */
  public void add(float[][] inputs, float[][] outcomes, double @Nullable [] weights) {
    IntStream.range(0, from)
        .parallel()
        .forEach(
            j -> {
              for (int i = 0; i < inputs.length; i++) {
                float factor = (weights == null ? 1 : (float) weights[i]) * inputs[i][j];
                Vectors.addScaled(squares[j], inputs[i], factor);
                Vectors.addScaled(products[j], outcomes[i], factor);
              }
            });
  }

  /**
   * The map so far, float[to][from]: a row for each dimension of the outcome.
   *
   * @param ridge of the inputs' mean square, added to each of their dimensions
   * @return the identity where there were only zeros
   * @throws ArithmeticException if the inputs or outcomes were not finite
   */
  public float[][] solve(double ridge) {
    var left = new DMatrixRMaj(from, from);
    var right = new DMatrixRMaj(from, to);
    double trace = 0;
    for (int j = 0; j < from; j++) {
      trace += squares[j][j];
      for (int k = 0; k < to; k++) {
        right.set(j, k, products[j][k]);
      }
      for (int k = j; k < from; k++) { // one half for both: not symmetric to the last bit
        left.set(j, k, squares[j][k]);
        left.set(k, j, squares[j][k]);
      }
    }
    for (int j = 0; j < from; j++) {
      left.add(j, j, ridge * trace / from);
    }
    var solution = new DMatrixRMaj(from, to);
    boolean solved = CommonOps_DDRM.solveSPD(left, right, solution);
    if (!solved && trace != 0) {
      throw new ArithmeticException("the examples have numbers that are not finite");
    }
    var rows = new float[to][from];
    for (int k = 0; k < to; k++) {
      for (int j = 0; j < from; j++) {
        rows[k][j] = solved ? (float) solution.get(j, k) : j == k ? 1 : 0;
      }
    }
    return rows;
  }
}
