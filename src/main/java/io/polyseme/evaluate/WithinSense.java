package io.polyseme.evaluate;

import io.polyseme.vector.PrincipalComponents;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Senses learned from vectors of their usages, with the variance within a sense made equal in all
 * directions before cosines are taken: what differs among usages of one sense tells no senses apart
 * (within-class whitening: Hatch, Kajarekar and Stolcke 2006). With S the covariance of the vectors
 * around their senses' means, the whitening is (S + a t I)^(-1/2), t being the mean of S's
 * eigenvalues and a the ridge; the greater a, the less is whitened. Immutable.
 */
final class WithinSense {
  /** Smaller shares of the greatest variance are rounding. */
  private static final double LEAST = 1e-9;

  /** Of each sense; of no dimension where it has no vector. */
  private final float[][] means;

  private final List<float[]> directions;
  private final double[] variances;
  private final double meanVariance;

  /** float[senses][directions]. */
  private final float[][] projectedMeans;

  private WithinSense(
      float[][] means, List<float[]> directions, double[] variances, double meanVariance) {
    this.means = means;
    this.directions = directions;
    this.variances = variances;
    this.meanVariance = meanVariance;
    this.projectedMeans = new float[means.length][];
    for (int s = 0; s < means.length; s++) {
      projectedMeans[s] = means[s].length == 0 ? new float[0] : projected(means[s]);
    }
  }

  /**
   * @param vectors of unit length, at least one
   * @param senses of each, from 0
   * @param count how many senses there are
   */
  static WithinSense of(List<float[]> vectors, int[] senses, int count) {
    int dimension = vectors.getFirst().length;
    var means = new float[count][0];
    var sizes = new int[count];
    for (int sense : senses) {
      sizes[sense]++;
    }
    for (int i = 0; i < senses.length; i++) {
      int sense = senses[i];
      if (means[sense].length == 0) {
        means[sense] = new float[dimension];
      }
      Vectors.addScaled(means[sense], vectors.get(i), 1f / sizes[sense]);
    }
    var residuals = new ArrayList<float[]>();
    double squares = 0;
    for (int i = 0; i < senses.length; i++) {
      if (sizes[senses[i]] > 1) { // a sense with one usage says nothing of what varies
        float[] residual = vectors.get(i).clone();
        Vectors.addScaled(residual, means[senses[i]], -1);
        residuals.add(residual);
        squares += Vectors.squaredNorm(residual);
      }
    }
    if (squares == 0) {
      return new WithinSense(means, List.of(), new double[0], 0);
    }
    var directions = new ArrayList<float[]>();
    double[] variances =
        residuals.size() < dimension
            ? fromProducts(residuals, directions)
            : fromCovariance(residuals, directions);
    return new WithinSense(means, directions, variances, squares / residuals.size() / dimension);
  }

  /** By the eigenvectors of the residuals' products with each other, fewer than dimensions. */
  private static double[] fromProducts(List<float[]> residuals, List<float[]> directions) {
    int n = residuals.size();
    var products = new DMatrixRMaj(n, n);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double product = Vectors.dot(residuals.get(i), residuals.get(j)) / (double) n;
        products.set(i, j, product);
        products.set(j, i, product);
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
    if (!eigen.decompose(products)) {
      throw new IllegalArgumentException("the products of the vectors have no finite eigenvalues");
    }
    double greatest = 0;
    for (int c = 0; c < n; c++) {
      greatest = Math.max(greatest, eigen.getEigenvalue(c).getReal());
    }
    var variances = new ArrayList<Double>();
    for (int c = 0; c < n; c++) {
      double variance = eigen.getEigenvalue(c).getReal();
      if (variance > LEAST * greatest) {
        var direction = new float[residuals.getFirst().length];
        double[] of = eigen.getEigenVector(c).data;
        for (int i = 0; i < n; i++) {
          Vectors.addScaled(direction, residuals.get(i), (float) of[i]);
        }
        directions.add(Vectors.unit(direction));
        variances.add(variance);
      }
    }
    return variances.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double[] fromCovariance(List<float[]> residuals, List<float[]> directions) {
    int dimension = residuals.getFirst().length;
    PrincipalComponents components =
        PrincipalComponents.of(
            residuals.size(),
            dimension,
            (row, into) -> System.arraycopy(residuals.get(row), 0, into, 0, dimension),
            dimension);
    for (int c = 0; c < dimension; c++) {
      double[] of = components.direction(c);
      var direction = new float[dimension];
      for (int d = 0; d < dimension; d++) {
        direction[d] = (float) of[d];
      }
      directions.add(direction);
    }
    return components.variances();
  }

  private float[] projected(float[] vector) {
    var projected = new float[directions.size()];
    for (int c = 0; c < projected.length; c++) {
      projected[c] = Vectors.dot(directions.get(c), vector);
    }
    return projected;
  }

  /**
   * What each direction's share of a dot product is multiplied with, less the 1 that it has in the
   * plain one; directions without variance keep theirs, and cosines do not ask for the scale.
   */
  private double[] changes(double ridge) {
    double added = ridge * meanVariance;
    var changes = new double[variances.length];
    for (int c = 0; c < changes.length; c++) {
      changes[c] = added / (Math.max(0, variances[c]) + added) - 1;
    }
    return changes;
  }

  private static double product(
      float[] a, float[] b, float[] projectedA, float[] projectedB, double[] changes) {
    double product = Directions.dot(a, b);
    for (int c = 0; c < changes.length; c++) {
      product += changes[c] * projectedA[c] * projectedB[c];
    }
    return product;
  }

  /** The cosine of two vectors after whitening. */
  double cosine(float[] a, float[] b, double ridge) {
    double[] changes = changes(ridge);
    float[] ofA = projected(a);
    float[] ofB = projected(b);
    return product(a, b, ofA, ofB, changes)
        / Math.sqrt(product(a, a, ofA, ofA, changes) * product(b, b, ofB, ofB, changes));
  }

  /**
   * The sense whose whitened mean has the greatest cosine with the whitened vector.
   *
   * @return for each ridge and vector: int[ridges][vectors]
   */
  int[][] told(List<float[]> vectors, double... ridges) {
    var told = new int[ridges.length][vectors.size()];
    var changes = new double[ridges.length][];
    var norms = new double[ridges.length][means.length];
    for (int r = 0; r < ridges.length; r++) {
      changes[r] = changes(ridges[r]);
      for (int s = 0; s < means.length; s++) {
        norms[r][s] =
            means[s].length == 0
                ? 0
                : Math.sqrt(
                    product(means[s], means[s], projectedMeans[s], projectedMeans[s], changes[r]));
      }
    }
    for (int i = 0; i < vectors.size(); i++) {
      float[] projected = projected(vectors.get(i));
      for (int r = 0; r < ridges.length; r++) {
        int best = SenseOutcome.NONE;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < means.length; s++) {
          double norm = norms[r][s];
          if (norm > 0) {
            double along =
                product(vectors.get(i), means[s], projected, projectedMeans[s], changes[r]) / norm;
            if (along > greatest) {
              greatest = along;
              best = s;
            }
          }
        }
        told[r][i] = best;
      }
    }
    return told;
  }
}
