package io.polyseme.vector;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The directions in which vectors vary most: the eigenvectors of their covariance with the greatest
 * eigenvalues, found by Jacobi's rotations (Golub and Van Loan, "Matrix Computations", section
 * 8.5), which are exact to rounding and give the same result at every run. Immutable and
 * thread-safe.
 */
public final class PrincipalComponents {
  private static final int SWEEPS = 30;
  private static final int BLOCKS = 16;

  private final double[] mean;
  private final double[][] directions;
  private final double[] variances;
  private final double total;

  private PrincipalComponents(
      double[] mean, double[][] directions, double[] variances, double total) {
    this.mean = mean;
    this.directions = directions;
    this.variances = variances;
    this.total = total;
  }

  /**
   * @param rows the vectors, at least one
   * @param count how many components, from 1 to the dimension
   */
  public static PrincipalComponents of(Rows rows, int count) {
    int dimension = rows.dimension();
    if (rows.count() < 1) {
      throw new IllegalArgumentException("there are no vectors");
    }
    if (count < 1 || count > dimension) {
      throw new IllegalArgumentException(
          "components must be from 1 to %d, the dimension: %d".formatted(dimension, count));
    }
    var mean = new double[dimension];
    var vector = new float[dimension];
    for (int row = 0; row < rows.count(); row++) {
      rows.get(row, vector);
      for (int d = 0; d < dimension; d++) {
        mean[d] += vector[d];
      }
    }
    for (int d = 0; d < dimension; d++) {
      mean[d] /= rows.count();
    }
    double[][] covariance = covariance(rows, mean);
    double total = 0;
    for (int d = 0; d < dimension; d++) {
      total += covariance[d][d];
    }
    double[][] vectors = diagonalise(covariance);
    int[] order =
        IntStream.range(0, dimension)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer d) -> -covariance[d][d]))
            .mapToInt(Integer::intValue)
            .toArray();
    var directions = new double[count][dimension];
    var variances = new double[count];
    for (int c = 0; c < count; c++) {
      variances[c] = covariance[order[c]][order[c]];
      for (int d = 0; d < dimension; d++) {
        directions[c][d] = vectors[d][order[c]];
      }
      orient(directions[c]);
    }
    return new PrincipalComponents(mean, directions, variances, total);
  }

  /** In blocks of rows whose number is fixed, so that the sum is the same on any machine. */
  private static double[][] covariance(Rows rows, double[] mean) {
    int dimension = mean.length;
    List<double[][]> blocks =
        IntStream.range(0, BLOCKS)
            .parallel()
            .mapToObj(
                block ->
                    products(
                        rows,
                        mean,
                        (int) ((long) rows.count() * block / BLOCKS),
                        (int) ((long) rows.count() * (block + 1) / BLOCKS)))
            .toList();
    var covariance = new double[dimension][dimension];
    for (int i = 0; i < dimension; i++) {
      for (int j = i; j < dimension; j++) {
        for (double[][] block : blocks) {
          covariance[i][j] += block[i][j];
        }
        covariance[i][j] /= rows.count();
        covariance[j][i] = covariance[i][j];
      }
    }
    return covariance;
  }

  private static double[][] products(Rows rows, double[] mean, int from, int to) {
    int dimension = mean.length;
    var sums = new double[dimension][dimension];
    var vector = new float[dimension];
    var centred = new double[dimension];
    for (int row = from; row < to; row++) {
      rows.get(row, vector);
      for (int d = 0; d < dimension; d++) {
        centred[d] = vector[d] - mean[d];
      }
      for (int i = 0; i < dimension; i++) {
        double[] into = sums[i];
        double here = centred[i];
        for (int j = i; j < dimension; j++) {
          into[j] += here * centred[j];
        }
      }
    }
    return sums;
  }

  /** Leaves the eigenvalues on the diagonal; returns the eigenvectors as columns. */
  private static double[][] diagonalise(double[][] a) {
    int n = a.length;
    var v = new double[n][n];
    double scale = 0;
    for (int i = 0; i < n; i++) {
      v[i][i] = 1;
      for (int j = 0; j < n; j++) {
        scale += a[i][j] * a[i][j];
      }
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      double off = 0;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          off += a[p][q] * a[p][q];
        }
      }
      if (off <= 1e-22 * scale) {
        break;
      }
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          rotate(a, v, p, q);
        }
      }
    }
    return v;
  }

  private static void rotate(double[][] a, double[][] v, int p, int q) {
    double apq = a[p][q];
    if (apq == 0) {
      return;
    }
    double theta = (a[q][q] - a[p][p]) / (2 * apq);
    double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
    double c = 1 / Math.sqrt(t * t + 1);
    double s = t * c;
    int n = a.length;
    for (int k = 0; k < n; k++) {
      double akp = a[k][p];
      double akq = a[k][q];
      a[k][p] = c * akp - s * akq;
      a[k][q] = s * akp + c * akq;
    }
    double[] rowP = a[p];
    double[] rowQ = a[q];
    for (int k = 0; k < n; k++) {
      double apk = rowP[k];
      double aqk = rowQ[k];
      rowP[k] = c * apk - s * aqk;
      rowQ[k] = s * apk + c * aqk;
    }
    for (int k = 0; k < n; k++) {
      double vkp = v[k][p];
      double vkq = v[k][q];
      v[k][p] = c * vkp - s * vkq;
      v[k][q] = s * vkp + c * vkq;
    }
  }

  /**
   * A direction and its opposite are the same component: the one with a positive largest element.
   */
  private static void orient(double[] direction) {
    int largest = 0;
    for (int d = 1; d < direction.length; d++) {
      if (Math.abs(direction[d]) > Math.abs(direction[largest])) {
        largest = d;
      }
    }
    if (direction[largest] < 0) {
      for (int d = 0; d < direction.length; d++) {
        direction[d] = -direction[d];
      }
    }
  }

  /** The mean of the vectors, a copy. */
  public double[] mean() {
    return mean.clone();
  }

  /** The variance along each component, greatest first. */
  public double[] variances() {
    return variances.clone();
  }

  /** The share of the whole variance that the components keep, from 0 to 1. */
  public double explained() {
    return total == 0 ? 1 : Arrays.stream(variances).sum() / total;
  }

  /**
   * A vector seen from the mean, along the components.
   *
   * @return a new float[components]
   */
  public float[] project(float[] vector) {
    if (vector.length != mean.length) {
      throw new IllegalArgumentException(
          "the vector has %d dimensions instead of %d".formatted(vector.length, mean.length));
    }
    var projected = new float[directions.length];
    for (int c = 0; c < projected.length; c++) {
      double sum = 0;
      for (int d = 0; d < vector.length; d++) {
        sum += directions[c][d] * (vector[d] - mean[d]);
      }
      projected[c] = (float) sum;
    }
    return projected;
  }
}
