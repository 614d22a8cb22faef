package io.polyseme.train.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.encoder.graph.BertShape;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every other head looks at its distance in texts of random words, by attention's formulas. */
class FirstAttentionTest {
  private static final int PLACES = 40;
  private static final int WORDS = 300;

  @ParameterizedTest
  @CsvSource({"128, 2, false", "256, 4, false", "384, 6, false", "256, 4, true"})
  void eachHeadLooksAtItsNeighbour(int dimension, int heads, boolean causal) {
    var shape = new BertShape(WORDS, PLACES, 0, dimension, 2, heads, 4 * dimension, 1e-5f, causal);
    Map<String, float[]> weights = Network.random(shape, true, 7);
    FirstAttention.set(shape, weights);
    int[] expected = causal ? new int[] {-1, -2, -3, -4} : new int[] {-1, 1, -2, 2};
    var random = new SplittableRandom(5);
    var mean = new double[heads][2 * PLACES];
    int texts = 10;
    for (int text = 0; text < texts; text++) {
      double[][] states = states(weights, dimension, random);
      for (int head = 0; head < heads; head++) {
        add(weights, states, head, dimension / heads, 1.0 / (texts * 20), mean[head]);
      }
    }
    for (int head = 0; head < heads; head++) {
      int most = 0;
      for (int at = 0; at < mean[head].length; at++) {
        most = mean[head][at] > mean[head][most] ? at : most;
      }
      if (head % 2 == 0) {
        assertEquals(expected[head / 2 % expected.length], most - PLACES, "head " + head);
        assertTrue(mean[head][most] > 0.4, "head " + head + ": " + mean[head][most]);
      } else {
        assertTrue(mean[head][most] < 0.2, "head " + head + ": " + mean[head][most]);
      }
    }
  }

  /** Random words at their places, normalised. */
  private static double[][] states(
      Map<String, float[]> weights, int dimension, SplittableRandom random) {
    float[] words = weights.get(Network.WORDS);
    float[] places = weights.get(Network.PLACES);
    var states = new double[PLACES][dimension];
    for (int t = 0; t < PLACES; t++) {
      int word = random.nextInt(WORDS);
      double sum = 0;
      double squares = 0;
      for (int d = 0; d < dimension; d++) {
        double x = words[word * dimension + d] + places[t * dimension + d];
        states[t][d] = x;
        sum += x;
        squares += x * x;
      }
      double average = sum / dimension;
      double deviation = Math.sqrt(squares / dimension - average * average);
      for (int d = 0; d < dimension; d++) {
        states[t][d] = (states[t][d] - average) / deviation;
      }
    }
    return states;
  }

  /** Adds a head's attention by distance, of places that have neighbours on both sides. */
  private static void add(
      Map<String, float[]> weights,
      double[][] states,
      int head,
      int width,
      double share,
      double[] into) {
    double[][] queries =
        rows(weights.get(Network.LAYER + "0.attention.self.query.weight"), states, head, width);
    double[][] keys =
        rows(weights.get(Network.LAYER + "0.attention.self.key.weight"), states, head, width);
    for (int t = 10; t < 30; t++) {
      var scores = new double[PLACES];
      double sum = 0;
      for (int s = 0; s < PLACES; s++) {
        double dot = 0;
        for (int i = 0; i < width; i++) {
          dot += queries[t][i] * keys[s][i];
        }
        scores[s] = Math.exp(dot / Math.sqrt(width));
        sum += scores[s];
      }
      for (int s = 0; s < PLACES; s++) {
        into[s - t + PLACES] += share * scores[s] / sum;
      }
    }
  }

  private static double[][] rows(float[] matrix, double[][] states, int head, int width) {
    int dimension = states[0].length;
    var rows = new double[states.length][width];
    for (int t = 0; t < states.length; t++) {
      for (int i = 0; i < width; i++) {
        for (int d = 0; d < dimension; d++) {
          rows[t][i] += matrix[(head * width + i) * dimension + d] * states[t][d];
        }
      }
    }
    return rows;
  }
}
