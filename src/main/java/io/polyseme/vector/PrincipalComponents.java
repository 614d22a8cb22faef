package io.polyseme.vector;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The directions in which vectors vary most: the eigenvectors of their covariance with the greatest
 * eigenvalues. The same at every run and with any number of threads. Immutable and thread-safe.
 */
public final class PrincipalComponents {
  private static final int BLOCKS = 16;

  /** Rows that are added to the covariance together: each sum is loaded and stored once for all. */
  private static final int BATCH = 4;

  private final double[] mean;
  private final double[][] directions;
  private final double[][] columns;
  private final double[] variances;
  private final double total;

  /** Reads vectors by their number; called by many threads. */
  @FunctionalInterface
  public interface Reader {
    /** Copies a row into float[dimension]. */
    void read(int row, float[] into);
  }

  private PrincipalComponents(
      double[] mean, double[][] directions, double[] variances, double total) {
    this.mean = mean;
    this.directions = directions;
    this.columns = new double[mean.length][directions.length];
    for (int c = 0; c < directions.length; c++) {
      for (int d = 0; d < mean.length; d++) {
        columns[d][c] = directions[c][d];
      }
    }
    this.variances = variances;
    this.total = total;
  }

  /**
   * Finds the components of some vectors.
   *
   * @param rows how many vectors, at least one
   * @param dimension of each
   * @param reader gives them; each is read twice
   * @param count how many components, from 1 to the dimension
   */
  public static PrincipalComponents of(int rows, int dimension, Reader reader, int count) {
    if (count < 1 || count > dimension) {
      throw new IllegalArgumentException(
          "components must be from 1 to %d, the dimension: %d".formatted(dimension, count));
    }
    double[] mean = mean(rows, dimension, reader);
    var covariance = new DMatrixRMaj(covariance(rows, reader, mean));
    double total = CommonOps_DDRM.trace(covariance);
    EigenDecomposition_F64<DMatrixRMaj> eigen =
        DecompositionFactory_DDRM.eig(dimension, true, true);
    if (!eigen.decompose(covariance)) {
      throw new IllegalArgumentException("the covariance of the vectors has no finite eigenvalues");
    }
    int[] order =
        IntStream.range(0, dimension)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer d) -> -eigen.getEigenvalue(d).getReal()))
            .mapToInt(Integer::intValue)
            .toArray();
    var directions = new double[count][];
    var variances = new double[count];
    for (int c = 0; c < count; c++) {
      variances[c] = Math.max(0, eigen.getEigenvalue(order[c]).getReal());
      directions[c] = eigen.getEigenVector(order[c]).data.clone();
      orient(directions[c]);
    }
    return new PrincipalComponents(mean, directions, variances, total);
  }

  /**
   * The mean of some vectors.
   *
   * @param rows how many, at least one
   * @return a new double[dimension]
   */
  public static double[] mean(int rows, int dimension, Reader reader) {
    if (rows < 1) {
      throw new IllegalArgumentException("there are no vectors");
    }
    var mean = new double[dimension];
    for (double[] sum : blocks(rows, (from, to) -> sum(dimension, reader, from, to))) {
      for (int d = 0; d < dimension; d++) {
        mean[d] += sum[d] / rows;
      }
    }
    return mean;
  }

  private static double[] sum(int dimension, Reader reader, int from, int to) {
    var sum = new double[dimension];
    var vector = new float[dimension];
    for (int row = from; row < to; row++) {
      reader.read(row, vector);
      for (int d = 0; d < dimension; d++) {
        sum[d] += vector[d];
      }
    }
    return sum;
  }

  private interface Block<T> {
    T of(int from, int to);
  }

  /** In blocks of rows whose number is fixed, so that the sum is the same on any machine. */
  private static <T> List<T> blocks(int rows, Block<T> work) {
    return IntStream.range(0, BLOCKS)
        .parallel()
        .mapToObj(
            block ->
                work.of(
                    (int) ((long) rows * block / BLOCKS),
                    (int) ((long) rows * (block + 1) / BLOCKS)))
        .toList();
  }

  private static double[][] covariance(int rows, Reader reader, double[] mean) {
    int dimension = mean.length;
    List<double[][]> blocks = blocks(rows, (from, to) -> products(reader, mean, from, to));
    var covariance = new double[dimension][dimension];
    for (int i = 0; i < dimension; i++) {
      for (int j = i; j < dimension; j++) {
        for (double[][] block : blocks) {
          covariance[i][j] += block[i][j];
        }
        covariance[i][j] /= rows;
        covariance[j][i] = covariance[i][j];
      }
    }
    return covariance;
  }

  private static double[][] products(Reader reader, double[] mean, int from, int to) {
    int dimension = mean.length;
    var sums = new double[dimension][dimension];
    var vector = new float[dimension];
    var batch = new double[BATCH][dimension];
    for (int row = from; row < to; row += BATCH) {
      for (int b = 0; b < BATCH; b++) {
        if (row + b < to) {
          reader.read(row + b, vector);
          for (int d = 0; d < dimension; d++) {
            batch[b][d] = vector[d] - mean[d];
          }
        } else {
          Arrays.fill(batch[b], 0);
        }
      }
      for (int i = 0; i < dimension; i++) {
        addProducts(sums[i], batch[0], batch[1], batch[2], batch[3], i);
      }
    }
    return sums;
  }

  /** On its own so that the JIT compiler turns the loop into vector instructions. */
  private static void addProducts(
      double[] into, double[] a, double[] b, double[] c, double[] d, int i) {
    double ai = a[i];
    double bi = b[i];
    double ci = c[i];
    double di = d[i];
    for (int j = i; j < into.length; j++) {
      into[j] += ai * a[j] + bi * b[j] + (ci * c[j] + di * d[j]);
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

  /** The direction of a component, of unit length: double[dimension], a copy. */
  public double[] direction(int component) {
    return directions[component].clone();
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
    double[] along = along(vector);
    var projected = new float[along.length];
    for (int c = 0; c < projected.length; c++) {
      projected[c] = (float) along[c];
    }
    return projected;
  }

  /**
   * A vector seen from the mean, without what lies along the components.
   *
   * @return a new float[dimension]
   */
  public float[] without(float[] vector) {
    double[] along = along(vector);
    var rest = new double[vector.length];
    for (int d = 0; d < rest.length; d++) {
      rest[d] = vector[d] - mean[d];
    }
    for (int c = 0; c < along.length; c++) {
      addScaled(rest, directions[c], -along[c]);
    }
    var without = new float[rest.length];
    for (int d = 0; d < rest.length; d++) {
      without[d] = (float) rest[d];
    }
    return without;
  }

  private double[] along(float[] vector) {
    if (vector.length != mean.length) {
      throw new IllegalArgumentException(
          "the vector has %d dimensions instead of %d".formatted(vector.length, mean.length));
    }
    var along = new double[directions.length];
    for (int d = 0; d < vector.length; d++) {
      addScaled(along, columns[d], vector[d] - mean[d]);
    }
    return along;
  }

  private static void addScaled(double[] into, double[] a, double factor) {
    for (int i = 0; i < into.length; i++) {
      into[i] += factor * a[i];
    }
  }
}
