package io.polyseme.predict;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.MatrixProduct;
import io.polyseme.vector.Parallel;
import io.polyseme.vector.Vectors;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Trains a head step by step, by the softmax over the right word and words that were drawn for the
 * whole batch. The exponentials of these are divided by how often each is to be expected, so that
 * their sum estimates that over the vocabulary (Bengio and Senécal 2008, "Adaptive Importance
 * Sampling to Accelerate Training of a Neural Probabilistic Language Model"; Jean et al. 2015, "On
 * Using Very Large Target Vocabulary for Neural Machine Translation"). Rows are shared out in parts
 * of a fixed size, so that the outcome does not depend on the number of threads.
 */
final class HeadSteps {
  private static final int PART = 32;

  private final HeadNetwork network;
  private final WordSampler sampler;
  private final int samples;
  private final int threads;
  private final Adam[] dense;
  private final Adam denseBias;
  private final Adam scale;
  private final Adam shift;
  private final Adam bias;
  private final float[] byBias;
  private int steps;

  HeadSteps(HeadNetwork network, WordSampler sampler, int samples, int threads) {
    this.network = network;
    this.sampler = sampler;
    this.samples = samples;
    this.threads = threads;
    this.dense = Arrays.stream(network.dense).map(Adam::new).toArray(Adam[]::new);
    this.denseBias = new Adam(network.denseBias);
    this.scale = new Adam(network.scale);
    this.shift = new Adam(network.shift);
    this.bias = new Adam(network.bias);
    this.byBias = new float[network.bias.length];
  }

  /**
   * One step.
   *
   * @param states float[rows][dimension]
   * @param words what stood at each
   * @return the sum of the losses
   */
  double step(float[][] states, int[] words, double rate, RandomGenerator random, Cancel cancel) {
    steps++;
    var batch = new Batch(states, words, random);
    int parts = Math.ceilDiv(states.length, PART);
    Parallel.forEach(
        parts, threads, () -> batch, (b, part) -> b.rows(part), "", Progress.NONE, cancel);
    batch.update(rate, cancel);
    return Arrays.stream(batch.losses).sum();
  }

  private final class Batch {
    private final float[][] states;
    private final int[] words;
    private final int[] drawn;
    private final float[] corrections;
    private final MatrixProduct densePacked;
    private final MatrixProduct drawnPacked;
    private final MatrixProduct drawnTurned;
    private final HeadNetwork.Pass pass;
    private final float[][] byScores;
    private final float[] byRight;
    private final float[][] byProjected;
    private final float[][] byScale;
    private final float[][] byShift;
    final double[] losses;

    Batch(float[][] states, int[] words, RandomGenerator random) {
      this.states = states;
      this.words = words;
      int rows = states.length;
      int inner = network.inner;
      drawn = new int[samples];
      corrections = new float[samples];
      var vectors = new float[samples][];
      for (int s = 0; s < samples; s++) {
        drawn[s] = sampler.draw(random);
        corrections[s] = (float) -Math.log(samples * sampler.probability(drawn[s]));
        vectors[s] = network.words[drawn[s]];
      }
      densePacked = network.densePacked();
      drawnPacked = new MatrixProduct(vectors);
      drawnTurned = new MatrixProduct(MatrixProduct.transposed(vectors));
      pass = new HeadNetwork.Pass(rows, inner);
      byScores = new float[rows][samples];
      byRight = new float[rows];
      byProjected = new float[rows][inner];
      int parts = Math.ceilDiv(rows, PART);
      byScale = new float[parts][inner];
      byShift = new float[parts][inner];
      losses = new double[rows];
    }

    /** Scores, losses and derivatives of a part of the rows. */
    void rows(int part) {
      int from = part * PART;
      int to = Math.min(states.length, from + PART);
      network.forward(densePacked, states, from, to, pass);
      drawnPacked.multiply(pass.outcome, from, to, byScores);
      for (int row = from; row < to; row++) {
        losses[row] = softmax(row);
      }
      var byOutcome = new float[states.length][];
      for (int row = from; row < to; row++) {
        byOutcome[row] = new float[network.inner];
      }
      drawnTurned.multiply(byScores, from, to, byOutcome);
      for (int row = from; row < to; row++) {
        Vectors.addScaled(byOutcome[row], network.words[words[row]], byRight[row]);
        network.backward(pass, row, byOutcome[row], byProjected[row], byScale[part], byShift[part]);
      }
    }

    /** Turns the scores of a row into the loss's derivatives by them; the loss. */
    private double softmax(int row) {
      float[] scores = byScores[row];
      int word = words[row];
      double right = HeadNetwork.dot(network.words[word], pass.outcome[row]) + network.bias[word];
      double largest = right;
      for (int s = 0; s < scores.length; s++) {
        scores[s] =
            drawn[s] == word
                ? Float.NEGATIVE_INFINITY
                : scores[s] + network.bias[drawn[s]] + corrections[s];
        largest = Math.max(largest, scores[s]);
      }
      double sum = Math.exp(right - largest);
      for (int s = 0; s < scores.length; s++) {
        scores[s] = (float) Math.exp(scores[s] - largest);
        sum += scores[s];
      }
      float each = (float) (1 / (sum * states.length));
      Vectors.scale(scores, each);
      byRight[row] = (float) ((Math.exp(right - largest) / sum - 1) / states.length);
      return largest + Math.log(sum) - right;
    }

    void update(double rate, Cancel cancel) {
      float[][] turned = MatrixProduct.transposed(byProjected);
      var product = new MatrixProduct(MatrixProduct.transposed(states));
      var gradient = new float[network.inner][network.dimension];
      int parts = Math.ceilDiv(network.inner, PART);
      Parallel.forEach(
          parts,
          threads,
          () -> gradient,
          (into, part) -> {
            int from = part * PART;
            int to = Math.min(network.inner, from + PART);
            product.multiply(turned, from, to, into);
            for (int i = from; i < to; i++) {
              dense[i].step(into[i], rate, steps);
            }
          },
          "",
          Progress.NONE,
          cancel);
      denseBias.step(summed(byProjected), rate, steps);
      scale.step(summed(byScale), rate, steps);
      shift.step(summed(byShift), rate, steps);
      float[] byDrawn = summed(byScores);
      for (int s = 0; s < drawn.length; s++) {
        byBias[drawn[s]] += byDrawn[s];
      }
      for (int row = 0; row < words.length; row++) {
        byBias[words[row]] += byRight[row];
      }
      int[] places =
          IntStream.concat(Arrays.stream(drawn), Arrays.stream(words)).distinct().toArray();
      bias.step(places, byBias, rate, steps);
      for (int word : places) {
        byBias[word] = 0;
      }
    }

    private static float[] summed(float[][] rows) {
      var sum = new float[rows[0].length];
      for (float[] row : rows) {
        Vectors.addScaled(sum, row, 1);
      }
      return sum;
    }
  }
}
