package io.polyseme.predict;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.MatrixProduct;
import io.polyseme.vector.Parallel;
import java.util.Arrays;

/** How well a head, and the frequency of words alone, predict masked words. */
final class HeadMeasure {
  private static final int PART = 32;
  private static final int BEST = 10;

  private HeadMeasure() {}

  /** Of one word: how many others score higher, and -ln of its probability. */
  private record Outcome(int before, double surprise) {}

  /** By the softmax over the whole vocabulary. */
  static HeadScores of(
      HeadNetwork network,
      MatrixProduct words,
      Examples examples,
      int threads,
      Progress progress,
      Cancel cancel) {
    int size = examples.size();
    var outcomes = new Outcome[size];
    MatrixProduct dense = network.densePacked();
    Parallel.forEach(
        Math.ceilDiv(size, PART),
        threads,
        () -> outcomes,
        (into, part) -> {
          int from = part * PART;
          int rows = Math.min(size, from + PART) - from;
          var states = new float[rows][network.dimension];
          for (int i = 0; i < rows; i++) {
            examples.copyState(from + i, states[i]);
          }
          var pass = new HeadNetwork.Pass(rows, network.inner);
          network.forward(dense, states, 0, rows, pass);
          var scores = new float[rows][network.bias.length];
          words.multiply(pass.outcome, 0, rows, scores);
          for (int i = 0; i < rows; i++) {
            for (int w = 0; w < scores[i].length; w++) {
              scores[i][w] += network.bias[w];
            }
            into[from + i] = outcome(scores[i], examples.word(from + i));
          }
        },
        "measuring",
        progress,
        cancel);
    return scores(outcomes);
  }

  /** By how often each word was counted, one more than that being taken. */
  static HeadScores floor(long[] counts, Examples examples) {
    double all = Arrays.stream(counts).sum() + counts.length;
    var scores = new float[counts.length];
    for (int w = 0; w < scores.length; w++) {
      scores[w] = (float) Math.log((counts[w] + 1) / all);
    }
    var known = new Outcome[counts.length];
    var outcomes = new Outcome[examples.size()];
    for (int i = 0; i < outcomes.length; i++) {
      int word = examples.word(i);
      if (known[word] == null) {
        known[word] = outcome(scores, word);
      }
      outcomes[i] = known[word];
    }
    return scores(outcomes);
  }

  private static Outcome outcome(float[] scores, int word) {
    float right = scores[word];
    if (!Float.isFinite(right)) {
      throw new PolysemeException("the head's scores are not finite; learn it with a lower --rate");
    }
    float largest = right;
    int before = 0;
    for (int w = 0; w < scores.length; w++) {
      largest = Math.max(largest, scores[w]);
      // Of equal ones the first stands before.
      if (scores[w] > right || scores[w] == right && w < word) {
        before++;
      }
    }
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score - largest);
    }
    return new Outcome(before, largest + Math.log(sum) - right);
  }

  private static HeadScores scores(Outcome[] outcomes) {
    return new HeadScores(
        outcomes.length,
        Arrays.stream(outcomes).filter(it -> it.before == 0).count() / (double) outcomes.length,
        Arrays.stream(outcomes).filter(it -> it.before < BEST).count() / (double) outcomes.length,
        Arrays.stream(outcomes).mapToDouble(Outcome::surprise).average().orElse(Double.NaN));
  }
}
