package io.polyseme.predict;

import io.polyseme.Cancel;
import io.polyseme.encoder.graph.HeadWriter.HeadWeights;
import io.polyseme.vector.MatrixProduct;
import java.util.Arrays;

/**
 * The numbers of a masked-word head, y = norm(gelu(W x + b)) and the score E y + c of each word,
 * and what they make of states. E are the encoder's word embeddings, which do not change.
 */
final class HeadNetwork {
  static final float EPSILON = 1e-12f;

  /** Above this, in units of the spread around it, the Gelu changes little. */
  private static final double STRAIGHT = 2;

  /** What the normalisation begins with: scores that are nearer to one another than they become. */
  private static final float SCALE = 0.5f;

  /** How many states the mean and the spread are taken of. */
  private static final int STATES = 1000;

  private static final double ROOT_OF_TWO = Math.sqrt(2);
  private static final double DENSITY = 1 / Math.sqrt(2 * Math.PI);

  final int dimension;
  final int inner;

  /** W by its rows, float[inner][dimension]. */
  final float[][] dense;

  final float[] denseBias;
  final float[] scale;
  final float[] shift;

  /** c, float[vocabulary]. */
  final float[] bias;

  /** E, float[vocabulary][inner]. */
  final float[][] words;

  private HeadNetwork(int dimension, float[][] words, long[] counts) {
    this.dimension = dimension;
    this.words = words;
    this.inner = words[0].length;
    this.dense = new float[inner][dimension];
    this.denseBias = new float[inner];
    this.scale = new float[inner];
    this.shift = new float[inner];
    this.bias = new float[words.length];
    double all = 0.5 * counts.length + Arrays.stream(counts).sum();
    for (int w = 0; w < bias.length; w++) {
      bias[w] = (float) Math.log((counts[w] + 0.5) / all);
    }
  }

  /**
   * A head to begin with: its biases are the logarithms of frequencies, and its projection is the
   * linear map that brings the states nearest to the embeddings of their words, moved to where the
   * Gelu is nearly straight. From there training takes a fraction of the steps that it takes from
   * random numbers.
   *
   * @param words the embeddings, float[vocabulary][inner]; not copied
   * @param counts of each word
   */
  static HeadNetwork start(
      int dimension,
      float[][] words,
      long[] counts,
      Examples examples,
      int threads,
      Cancel cancel) {
    var network = new HeadNetwork(dimension, words, counts);
    var fit = new RidgeFit(dimension, network.inner, threads);
    for (int i = 0; i < examples.size(); i++) {
      var state = new float[dimension];
      examples.copyState(i, state);
      fit.add(state, words[examples.word(i)], cancel);
    }
    RidgeFit.Affine map = fit.fit(cancel);
    int sample = Math.min(STATES, examples.size());
    var means = new double[network.inner];
    double squares = 0;
    var state = new float[dimension];
    for (int i = 0; i < sample; i++) {
      examples.copyState(i, state);
      float[] made = map.apply(state);
      for (int j = 0; j < made.length; j++) {
        means[j] += made[j] / sample;
        squares += (double) made[j] * made[j] / sample;
      }
    }
    for (double mean : means) {
      squares -= mean * mean;
    }
    double factor = 1 / Math.sqrt(Math.max(squares, 1e-12) / network.inner);
    for (int i = 0; i < network.inner; i++) {
      for (int j = 0; j < dimension; j++) {
        network.dense[i][j] = (float) (factor * map.map()[i][j]);
      }
      network.denseBias[i] = (float) (factor * (map.shift()[i] - means[i]) + STRAIGHT);
    }
    Arrays.fill(network.scale, SCALE);
    return network;
  }

  HeadWeights weights(int layer) {
    var flat = new float[dimension * inner];
    for (int i = 0; i < inner; i++) {
      for (int j = 0; j < dimension; j++) {
        flat[j * inner + i] = dense[i][j];
      }
    }
    return new HeadWeights(
        layer, flat, denseBias.clone(), scale.clone(), shift.clone(), EPSILON, bias.clone());
  }

  /** What becomes of some states on the way to y; of each row what the chain rule needs. */
  static final class Pass {
    final float[][] projected;
    final float[][] normed;
    final float[] inverse;
    final float[][] outcome;

    Pass(int rows, int inner) {
      projected = new float[rows][inner];
      normed = new float[rows][inner];
      inverse = new float[rows];
      outcome = new float[rows][inner];
    }
  }

  MatrixProduct densePacked() {
    return new MatrixProduct(dense);
  }

  /** Fills a pass for the states of [from, to). */
  void forward(MatrixProduct packed, float[][] states, int from, int to, Pass pass) {
    packed.multiply(states, from, to, pass.projected);
    for (int row = from; row < to; row++) {
      float[] u = pass.projected[row];
      float[] n = pass.normed[row];
      double sum = 0;
      for (int j = 0; j < inner; j++) {
        u[j] += denseBias[j];
        n[j] = (float) (u[j] * distribution(u[j]));
        sum += n[j];
      }
      float mean = (float) (sum / inner);
      double squares = 0;
      for (int j = 0; j < inner; j++) {
        n[j] -= mean;
        squares += (double) n[j] * n[j];
      }
      float inverse = (float) (1 / Math.sqrt(squares / inner + EPSILON));
      pass.inverse[row] = inverse;
      float[] y = pass.outcome[row];
      for (int j = 0; j < inner; j++) {
        n[j] *= inverse;
        y[j] = n[j] * scale[j] + shift[j];
      }
    }
  }

  /**
   * Back through the normalisation and the Gelu of one row.
   *
   * @param byOutcome the loss's derivatives by y
   * @param byProjected where those by W x + b go
   * @param byScale added to
   * @param byShift added to
   */
  void backward(
      Pass pass,
      int row,
      float[] byOutcome,
      float[] byProjected,
      float[] byScale,
      float[] byShift) {
    float[] n = pass.normed[row];
    float[] u = pass.projected[row];
    double sum = 0;
    double along = 0;
    for (int j = 0; j < inner; j++) {
      byScale[j] += byOutcome[j] * n[j];
      byShift[j] += byOutcome[j];
      float by = byOutcome[j] * scale[j];
      byProjected[j] = by;
      sum += by;
      along += (double) by * n[j];
    }
    float mean = (float) (sum / inner);
    float share = (float) (along / inner);
    float inverse = pass.inverse[row];
    for (int j = 0; j < inner; j++) {
      double slope = distribution(u[j]) + u[j] * DENSITY * Math.exp(-0.5 * u[j] * u[j]);
      byProjected[j] = (float) (inverse * (byProjected[j] - mean - n[j] * share) * slope);
    }
  }

  /** The scores of all words for one state; float[vocabulary]. */
  float[] scores(float[] state) {
    var pass = new Pass(1, inner);
    forward(densePacked(), new float[][] {state}, 0, 1, pass);
    var scores = new float[words.length];
    for (int w = 0; w < scores.length; w++) {
      scores[w] = (float) (dot(words[w], pass.outcome[0]) + bias[w]);
    }
    return scores;
  }

  /**
   * A dot product that is summed in one order. That of the SIMD kernels may change by rounding once
   * the JVM has compiled them, and a head is to be the same each time.
   */
  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += (double) a[j] * b[j];
    }
    return sum;
  }

  /** The standard normal distribution, (1 + erf(x / √2)) / 2. */
  private static double distribution(double x) {
    double z = Math.abs(x) / ROOT_OF_TWO;
    // Abramowitz and Stegun 1964, 7.1.26; its error is below 1.5e-7.
    double t = 1 / (1 + 0.3275911 * z);
    double tail =
        t
            * (0.254829592
                + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
            * Math.exp(-z * z)
            / 2;
    return x < 0 ? tail : 1 - tail;
  }
}
