package io.polyseme.train;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Continuous bag of words in which each place of a window has a vector of weights: what predicts is
 * the mean of the words' vectors, each times its place's, number by number (Mikolov et al. 2018,
 * "Advances in Pre-Training Distributed Word Representations", section 2.2). Words and weights both
 * move by the gradient; the weights begin as ones.
 */
final class PositionalCbowWorker extends TrainingWorker {
  private final @Nullable SubwordRows subwords;
  private final int[] rows;

  /** The vectors of a window's words, one behind the other. */
  private final float[] vectors;

  private final int[] members;
  private final int[] positions;
  private final float[] mean;
  private final float[] change;
  private final float[] own;

  PositionalCbowWorker(TrainingTask task) {
    super(task, 1);
    subwords = task.subwords();
    rows = new int[subwords == null ? 1 : subwords.most()];
    vectors = new float[2 * window * weights.width];
    members = new int[2 * window];
    positions = new int[2 * window];
    mean = new float[weights.width];
    change = new float[weights.width];
    own = new float[weights.width];
  }

  @Override
  void learn(int[] words, int count) {
    for (int centre = 0; centre < count; centre++) {
      int reach = drawnWindow();
      int from = Math.max(0, centre - reach);
      int to = Math.min(count - 1, centre + reach);
      int found = 0;
      for (int i = from; i <= to; i++) {
        if (i != centre) {
          members[found] = words[i];
          positions[found++] = (i - centre + (i < centre ? window : window - 1)) * weights.width;
        }
      }
      if (found > 0) {
        step(words[centre], found);
      }
    }
  }

  private void step(int word, int count) {
    int width = weights.width;
    float share = 1f / count;
    Arrays.fill(mean, 0);
    for (int n = 0; n < count; n++) {
      kernels.mean(weights.inputs, rows, rowsOf(members[n]), own, width);
      int at = n * width;
      int place = positions[n];
      for (int d = 0; d < width; d++) {
        vectors[at + d] = own[d];
        mean[d] += share * own[d] * weights.positions[place + d];
      }
    }
    Arrays.fill(change, 0);
    predict(word, mean, change);
    for (int n = 0; n < count; n++) {
      int at = n * width;
      int place = positions[n];
      for (int d = 0; d < width; d++) {
        own[d] = change[d] * weights.positions[place + d];
        weights.positions[place + d] += share * change[d] * vectors[at + d];
      }
      if (!frozen(members[n])) {
        int moving = rowsOf(members[n]);
        kernels.add(own, share, weights.inputs, rows, someFrozen() ? 1 : moving, width);
      }
    }
  }

  /** Finds a word's rows, its own first; returns how many. */
  private int rowsOf(int word) {
    if (subwords == null) {
      rows[0] = word * weights.width;
      return 1;
    }
    return subwords.copy(word, rows, 0);
  }
}
