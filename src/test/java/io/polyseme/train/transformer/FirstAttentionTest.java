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
  private static final int PLACES = 128;
  private static final int WORDS = 300;
  private static final int TEXTS = 4;

  @ParameterizedTest
  @CsvSource({"128, 2, false", "256, 4, false", "384, 6, false", "256, 4, true", "130, 2, false"})
  void everyOtherHeadLooksAtItsNeighbour(int dimension, int heads, boolean causal) {
    var shape = new BertShape(WORDS, PLACES, 0, dimension, 2, heads, 4 * dimension, 1e-5f, causal);
    Map<String, float[]> weights = Network.random(shape, true, 7);
    FirstAttention.set(shape, 7, weights);
    int[] expected = causal ? new int[] {-1, -2, -3, -4} : new int[] {-1, 1, -2, 2};
    var random = new SplittableRandom(5);
    for (int number = 0; number < 2 * heads; number++) {
      var mean = new double[2 * PLACES];
      for (int text = 0; text < TEXTS; text++) {
        double[][] states = states(weights, dimension, random);
        String layer = Network.LAYER + number / heads + ".attention.self.";
        add(weights, layer, states, number % heads, dimension / heads, mean);
      }
      int most = 0;
      double second = 0;
      for (int at = 1; at < mean.length; at++) {
        second = Math.max(second, Math.min(mean[at], mean[most]));
        most = mean[at] > mean[most] ? at : most;
      }
      String head = "head %d: %.3f, then %.3f".formatted(number, mean[most], second);
      if (number % 2 == 0) {
        assertEquals(expected[number / 2 % expected.length], most - PLACES, head);
        assertTrue(mean[most] > 0.25 && second < 0.05, head);
      } else {
        assertTrue(mean[most] < 0.1, head);
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
      String layer,
      double[][] states,
      int head,
      int width,
      double[] into) {
    double[][] queries = rows(weights.get(layer + "query.weight"), states, head, width);
    double[][] keys = rows(weights.get(layer + "key.weight"), states, head, width);
    for (int t = 2; t < PLACES - 2; t++) {
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
        into[s - t + PLACES] += scores[s] / sum / (TEXTS * (PLACES - 4.0));
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
