package io.polyseme.insight;

import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * A linear map from few pairs of vectors of many dimensions: ridge regression, whose fitted values
 * are then brought to a low rank (Mukherjee and Zhu 2011, "Reduced Rank Ridge Regression and Its
 * Kernel Extensions", section 2). It is solved by the products of the pairs with one another, of
 * which there are fewer than dimensions.
 *
 * <p>The map is learned for what a part of the source leaves over, so that with a great penalty it
 * comes to the plain offset. That part (nothing or all), the penalty and the rank are those by
 * which held-out pairs are found best.
 */
final class LowRankRidge {
  private static final float[] KEPT = {0, 1};
  private static final double[] PENALTIES = {0.03, 0.3, 3};
  private static final int[] RANKS = {4, 16, Integer.MAX_VALUE};
  private static final int FOLDS = 3;

  private LowRankRidge() {}

  /**
   * What is added to the mean of the targets is {@code kept} of the source's difference from the
   * mean of the sources, and the sum of {@code added}, each times the product of that difference
   * with its source.
   *
   * @param sources less their mean
   */
  record Fit(float kept, float[][] sources, float[][] added) {}

  private record Setting(float kept, double penalty, int rank) {}

  static Fit fit(List<float[]> sources, List<float[]> targets) {
    var reciprocals = new double[KEPT.length * PENALTIES.length * RANKS.length];
    List<Setting> settings = new ArrayList<>();
    for (int fold = 0; fold < FOLDS; fold++) {
      int held = fold;
      List<float[]> from = kept(sources, i -> i % FOLDS != held);
      List<float[]> to = kept(targets, i -> i % FOLDS != held);
      var problem = new Problem(from, to);
      float[] sourceMean = LearnedRelation.mean(from);
      float[] targetMean = LearnedRelation.mean(to);
      settings = problem.settings();
      List<float[]> centred = targets.stream().map(t -> minus(t, targetMean)).toList();
      for (int s = 0; s < settings.size(); s++) {
        Fit fit = problem.fit(settings.get(s));
        for (int i = held; i < sources.size(); i += FOLDS) {
          reciprocals[s] += reciprocal(fit, minus(sources.get(i), sourceMean), centred, i);
        }
      }
    }
    List<Setting> all = settings;
    int best =
        IntStream.range(0, all.size())
            .boxed()
            .max(Comparator.comparingDouble((Integer s) -> reciprocals[s]).thenComparing(s -> -s))
            .orElseThrow();
    return new Problem(sources, targets).fit(all.get(best));
  }

  private static double reciprocal(Fit fit, float[] source, List<float[]> targets, int right) {
    var predicted = new float[source.length];
    Vectors.addScaled(predicted, source, fit.kept);
    for (int i = 0; i < fit.sources.length; i++) {
      Vectors.addScaled(predicted, fit.added[i], Vectors.dot(source, fit.sources[i]));
    }
    double score = Vectors.cosine(predicted, targets.get(right));
    long better =
        IntStream.range(0, targets.size())
            .filter(i -> i != right && Vectors.cosine(predicted, targets.get(i)) >= score)
            .count();
    return 1.0 / (better + 1);
  }

  private static List<float[]> kept(List<float[]> vectors, IntPredicate which) {
    return IntStream.range(0, vectors.size()).filter(which).mapToObj(vectors::get).toList();
  }

  private static float[] minus(float[] a, float[] b) {
    float[] difference = a.clone();
    Vectors.addScaled(difference, b, -1);
    return difference;
  }

  /** Pairs to learn from, decomposed once for all settings. */
  private static final class Problem {
    private final float[][] sources;
    private final float[][] targets;
    private final DMatrixRMaj products;
    private final DMatrixRMaj vectors;
    private final double[] values;

    Problem(List<float[]> from, List<float[]> to) {
      float[] sourceMean = LearnedRelation.mean(from);
      float[] targetMean = LearnedRelation.mean(to);
      sources = from.stream().map(v -> minus(v, sourceMean)).toArray(float[][]::new);
      targets = to.stream().map(v -> minus(v, targetMean)).toArray(float[][]::new);
      int n = sources.length;
      products = new DMatrixRMaj(n, n);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          double product = Vectors.dot(sources[i], sources[j]);
          products.set(i, j, product);
          products.set(j, i, product);
        }
      }
      vectors = new DMatrixRMaj(n, n);
      values = decompose(products, vectors);
    }

    List<Setting> settings() {
      var settings = new ArrayList<Setting>();
      for (float kept : KEPT) {
        for (double penalty : PENALTIES) {
          for (int rank : RANKS) {
            settings.add(new Setting(kept, penalty, rank));
          }
        }
      }
      return settings;
    }

    Fit fit(Setting setting) {
      int n = sources.length;
      int dimension = sources[0].length;
      var wanted = new DMatrixRMaj(n, dimension);
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < dimension; k++) {
          wanted.set(i, k, targets[i][k] - setting.kept * sources[i][k]);
        }
      }
      double trace = 0;
      for (double value : values) {
        trace += value;
      }
      double penalty = setting.penalty * trace / n + 1e-12;
      // (K + penalty)^-1 times what is wanted.
      var turned = new DMatrixRMaj(n, dimension);
      CommonOps_DDRM.multTransA(vectors, wanted, turned);
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < dimension; k++) {
          turned.set(i, k, turned.get(i, k) / (Math.max(0, values[i]) + penalty));
        }
      }
      var weights = new DMatrixRMaj(n, dimension);
      CommonOps_DDRM.mult(vectors, turned, weights);
      if (setting.rank < n) {
        weights = reduced(weights, setting.rank);
      }
      var added = new float[n][dimension];
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < dimension; k++) {
          added[i][k] = (float) weights.get(i, k);
        }
      }
      return new Fit(setting.kept, sources, added);
    }

    /** The weights brought to the directions in which the fitted values vary most. */
    private DMatrixRMaj reduced(DMatrixRMaj weights, int rank) {
      int n = weights.numRows;
      int dimension = weights.numCols;
      var fitted = new DMatrixRMaj(n, dimension);
      CommonOps_DDRM.mult(products, weights, fitted);
      var squares = new DMatrixRMaj(n, n);
      CommonOps_DDRM.multTransB(fitted, fitted, squares);
      var left = new DMatrixRMaj(n, n);
      double[] strengths = decompose(squares, left);
      var chosen = new DMatrixRMaj(n, rank);
      for (int c = 0; c < rank; c++) {
        double strength = Math.sqrt(Math.max(0, strengths[c]));
        for (int i = 0; i < n && strength > 1e-9; i++) {
          chosen.set(i, c, left.get(i, c) / strength);
        }
      }
      var directions = new DMatrixRMaj(dimension, rank);
      CommonOps_DDRM.multTransA(fitted, chosen, directions);
      var coordinates = new DMatrixRMaj(n, rank);
      CommonOps_DDRM.mult(weights, directions, coordinates);
      var result = new DMatrixRMaj(n, dimension);
      CommonOps_DDRM.multTransB(coordinates, directions, result);
      return result;
    }

    /** Eigenvalues of a symmetric matrix, the greatest first, and their vectors as columns. */
    private static double[] decompose(DMatrixRMaj matrix, DMatrixRMaj vectors) {
      int n = matrix.numRows;
      EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
      if (!eigen.decompose(matrix.copy())) {
        throw new ArithmeticException("the eigenvalues of the pairs' products did not converge");
      }
      List<Integer> order =
          IntStream.range(0, n)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).getReal()))
              .toList();
      var values = new double[n];
      for (int c = 0; c < n; c++) {
        values[c] = eigen.getEigenvalue(order.get(c)).getReal();
        DMatrixRMaj vector = eigen.getEigenVector(order.get(c));
        for (int i = 0; i < n; i++) {
          vectors.set(i, c, vector.get(i));
        }
      }
      return values;
    }
  }
}
