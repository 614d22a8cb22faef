package io.polyseme.vector;

/**
 * Logistic regression of two classes with a quadratic penalty, fitted by Newton's method whose
 * steps are found by conjugate gradients (Lin, Weng and Keerthi 2008, "Trust Region Newton Method
 * for Large-Scale Logistic Regression"; with a line search in place of the trust region). In
 * doubles and in a fixed order: the same data give the same fit.
 *
 * @param weights float[dimension]; not to be changed
 * @param intercept not penalised
 */
public record LogisticRegression(float[] weights, double intercept) {
  private static final int STEPS = 50;
  private static final double TOLERANCE = 1e-6;

  /** With a penalty of 1. */
  public static LogisticRegression fit(float[][] rows, int positives) {
    return fit(rows, positives, 1);
  }

  /**
   * Minimises penalty |w|² / 2 + sum of s log(1 + exp(-y (w·x + intercept))), y being 1 or -1 and s
   * such that both classes weigh alike: n / 2 each.
   *
   * @param rows float[n][dimension]
   * @param positives the first so many are of the class, the others are not; both at least one
   * @param penalty above 0
   */
  public static LogisticRegression fit(float[][] rows, int positives, double penalty) {
    if (positives < 1 || positives >= rows.length) {
      throw new IllegalArgumentException(
          "both classes need a row: %d of %d are positive".formatted(positives, rows.length));
    }
    if (!(penalty > 0)) {
      throw new IllegalArgumentException("the penalty must be above 0: " + penalty);
    }
    return new Problem(rows, positives, penalty).solve();
  }

  /**
   * How likely it is that a row is of the class, from 0 to 1.
   *
   * @param row float[dimension]
   */
  public double probability(float[] row) {
    double logit = intercept;
    for (int j = 0; j < row.length; j++) {
      logit += (double) weights[j] * row[j];
    }
    return 1 / (1 + Math.exp(-logit));
  }

  /** The last of the weights is the intercept. */
  private static final class Problem {
    private final float[][] rows;
    private final int dimension;
    private final int positives;
    private final double penalty;
    private final double[] importance;
    private final double[] probability;

    Problem(float[][] rows, int positives, double penalty) {
      this.rows = rows;
      this.dimension = rows[0].length;
      this.positives = positives;
      this.penalty = penalty;
      this.importance = new double[rows.length];
      this.probability = new double[rows.length];
      for (int i = 0; i < rows.length; i++) {
        int ofClass = i < positives ? positives : rows.length - positives;
        importance[i] = rows.length / (2.0 * ofClass);
      }
    }

    LogisticRegression solve() {
      var w = new double[dimension + 1];
      double loss = loss(w);
      double[] gradient = gradient(w);
      double enough = TOLERANCE * Math.max(1, norm(gradient));
      for (int step = 0; step < STEPS && norm(gradient) > enough; step++) {
        double[] direction = newton(gradient);
        double slope = dot(gradient, direction);
        double length = 1;
        double[] next = along(w, direction, length);
        double nextLoss = loss(next);
        while (nextLoss > loss + 1e-4 * length * slope && length > 1e-10) {
          length /= 2;
          next = along(w, direction, length);
          nextLoss = loss(next);
        }
        w = next;
        loss = nextLoss;
        gradient = gradient(w);
      }
      var weights = new float[dimension];
      for (int j = 0; j < dimension; j++) {
        weights[j] = (float) w[j];
      }
      return new LogisticRegression(weights, w[dimension]);
    }

    /** The value at w; leaves the probabilities there. */
    private double loss(double[] w) {
      double loss = 0;
      for (int j = 0; j < dimension; j++) {
        loss += penalty * w[j] * w[j] / 2;
      }
      for (int i = 0; i < rows.length; i++) {
        double logit = dot(w, rows[i]) + w[dimension];
        probability[i] = 1 / (1 + Math.exp(-logit));
        double margin = i < positives ? logit : -logit;
        // log(1 + exp(-margin)), without overflow.
        loss += importance[i] * (Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))));
      }
      return loss;
    }

    /** At the point where the loss was last taken. */
    private double[] gradient(double[] w) {
      double[] gradient = penalised(w);
      gradient[dimension] = 0;
      for (int i = 0; i < rows.length; i++) {
        double residual = importance[i] * (probability[i] - (i < positives ? 1 : 0));
        addScaled(gradient, rows[i], residual);
        gradient[dimension] += residual;
      }
      return gradient;
    }

    /** Solves H s = -gradient as well as helps, by conjugate gradients. */
    private double[] newton(double[] gradient) {
      var s = new double[dimension + 1];
      double[] residual = new double[dimension + 1];
      for (int j = 0; j <= dimension; j++) {
        residual[j] = -gradient[j];
      }
      double[] direction = residual.clone();
      double squares = dot(residual, residual);
      double enough = 0.01 * Math.sqrt(squares) * Math.min(1, Math.sqrt(squares));
      for (int step = 0; step <= dimension && Math.sqrt(squares) > enough; step++) {
        double[] product = hessianTimes(direction);
        double length = squares / dot(direction, product);
        for (int j = 0; j <= dimension; j++) {
          s[j] += length * direction[j];
          residual[j] -= length * product[j];
        }
        double next = dot(residual, residual);
        for (int j = 0; j <= dimension; j++) {
          direction[j] = residual[j] + next / squares * direction[j];
        }
        squares = next;
      }
      return s;
    }

    private double[] hessianTimes(double[] v) {
      double[] product = penalised(v);
      // The intercept has no penalty; a trace of one keeps the matrix invertible.
      product[dimension] = 1e-9 * v[dimension];
      for (int i = 0; i < rows.length; i++) {
        double curvature = importance[i] * probability[i] * (1 - probability[i]);
        double along = curvature * (dot(v, rows[i]) + v[dimension]);
        addScaled(product, rows[i], along);
        product[dimension] += along;
      }
      return product;
    }

    private double[] penalised(double[] w) {
      double[] scaled = w.clone();
      for (int j = 0; j < scaled.length; j++) {
        scaled[j] *= penalty;
      }
      return scaled;
    }

    private static double[] along(double[] w, double[] direction, double length) {
      double[] next = w.clone();
      for (int j = 0; j < next.length; j++) {
        next[j] += length * direction[j];
      }
      return next;
    }

    private static double norm(double[] a) {
      return Math.sqrt(dot(a, a));
    }

    private static double dot(double[] a, double[] b) {
      double sum = 0;
      for (int j = 0; j < a.length; j++) {
        sum += a[j] * b[j];
      }
      return sum;
    }

    /** Of the weights without the intercept. */
    private static double dot(double[] w, float[] row) {
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      int j = 0;
      for (; j + 4 <= row.length; j += 4) {
        s0 += w[j] * row[j];
        s1 += w[j + 1] * row[j + 1];
        s2 += w[j + 2] * row[j + 2];
        s3 += w[j + 3] * row[j + 3];
      }
      for (; j < row.length; j++) {
        s0 += w[j] * row[j];
      }
      return s0 + s1 + (s2 + s3);
    }

    private static void addScaled(double[] into, float[] row, double factor) {
      for (int j = 0; j < row.length; j++) {
        into[j] += factor * row[j];
      }
    }
  }
}
