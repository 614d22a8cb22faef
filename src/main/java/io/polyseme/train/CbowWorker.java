package io.polyseme.train;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Continuous bag of words with negative sampling (Mikolov et al. 2013): the mean of a window's
 * words predicts the one in its middle. Each word moves by its own share of the gradient, as the
 * objective has it and word2vec and gensim do not (İrsoy et al. 2021, "Corrected CBOW Performs as
 * well as Skip-gram").
 */
final class CbowWorker extends TrainingWorker {
  private static final int[] ALONE = {0};

  private final int negatives;
  private final int[] inputs;
  private final @Nullable SubwordRows subwords;
  private final float[] mean;
  private final float[] change;

  CbowWorker(TrainingTask task) {
    super(task, 1);
    negatives = task.options().negatives();
    subwords = task.subwords();
    inputs = new int[2 * window * (subwords == null ? 1 : subwords.most())];
    mean = new float[weights.width];
    change = new float[weights.width];
  }

  @Override
  void learn(int[] words, int count) {
    int width = weights.width;
    for (int centre = 0; centre < count; centre++) {
      int reach = drawnWindow();
      int from = Math.max(0, centre - reach);
      int to = Math.min(count - 1, centre + reach);
      int found = 0;
      for (int i = from; i <= to; i++) {
        if (i != centre) {
          if (subwords == null) {
            inputs[found++] = words[i] * width;
          } else {
            found = subwords.copy(words[i], inputs, found);
          }
        }
      }
      if (found > 0) {
        step(words[centre], found, to - from);
      }
    }
  }

  private void step(int word, int count, int words) {
    boolean measures = measures();
    kernels.mean(weights.inputs, inputs, count, mean, weights.width);
    Arrays.fill(change, 0);
    begin(word);
    int left = negatives;
    do {
      left = fill(word, left);
      kernels.step(
          mean,
          ALONE,
          0,
          1,
          change,
          ALONE,
          weights.outputs,
          outputs,
          labels,
          factors,
          weights.width,
          gradients);
      if (measures) {
        measure(1);
      }
    } while (left > 0);
    kernels.add(change, 1f / words, weights.inputs, inputs, count, weights.width);
    if (measures) {
      measured(1);
    }
  }
}
