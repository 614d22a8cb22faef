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
  private final int[] inputs;
  private final int[] places;
  private final @Nullable SubwordRows subwords;
  private final float[] mean;
  private final float[] change;

  CbowWorker(TrainingTask task) {
    super(task, 1);
    subwords = task.subwords();
    inputs = new int[2 * window * (subwords == null ? 1 : subwords.most())];
    places = someFrozen() ? new int[inputs.length] : inputs;
    mean = new float[weights.width];
    change = new float[weights.width];
  }

  @Override
  void learn(int[] words, int count) {
    for (int centre = 0; centre < count; centre++) {
      int reach = drawnWindow();
      int from = Math.max(0, centre - reach);
      int to = Math.min(count - 1, centre + reach);
      int found = 0;
      int moving = 0;
      for (int i = from; i <= to; i++) {
        if (i == centre) {
          continue;
        }
        if (places != inputs && !frozen(words[i])) {
          places[moving++] = words[i] * weights.width;
        }
        if (subwords == null) {
          inputs[found++] = words[i] * weights.width;
        } else {
          found = subwords.copy(words[i], inputs, found);
        }
      }
      if (found > 0) {
        step(words[centre], found, to - from, places == inputs ? found : moving);
      }
    }
  }

  /**
   * @param count of rows
   * @param words that they are of
   * @param moving how many rows learn
   */
  private void step(int word, int count, int words, int moving) {
    kernels.mean(weights.inputs, inputs, count, mean, weights.width);
    Arrays.fill(change, 0);
    predict(word, mean, change);
    kernels.add(change, 1f / words, weights.inputs, places, moving, weights.width);
  }
}
