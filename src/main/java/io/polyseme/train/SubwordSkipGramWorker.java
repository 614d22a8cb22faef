package io.polyseme.train;

/**
 * Skip-gram with negative sampling and n-grams (Bojanowski et al. 2017, "Enriching Word Vectors
 * with Subword Information"): the mean of a word's rows predicts each word of its window. As
 * fastText does, each row moves by the whole gradient of the mean, so that the mean moves as a
 * single vector would; unlike it, the mean is made once for a window and not for each of its words.
 */
final class SubwordSkipGramWorker extends TrainingWorker {
  private final SubwordRows subwords;
  private final int[] rows;
  private final float[] mean;
  private final float[] before;
  private final float[] copy;

  SubwordSkipGramWorker(TrainingTask task) {
    super(task, 1);
    subwords = task.subwords();
    rows = new int[subwords.most()];
    mean = new float[weights.width];
    before = new float[weights.width];
    copy = new float[weights.width];
  }

  @Override
  void learn(int[] words, int count) {
    int width = weights.width;
    for (int centre = 0; centre < count; centre++) {
      int reach = drawnWindow();
      int from = Math.max(0, centre - reach);
      int to = Math.min(count - 1, centre + reach);
      if (from == to) {
        continue;
      }
      int of = subwords.copy(words[centre], rows, 0);
      kernels.mean(weights.inputs, rows, of, mean, width);
      System.arraycopy(mean, 0, before, 0, width);
      for (int i = from; i <= to; i++) {
        if (i != centre) {
          predict(words[i]);
        }
      }
      for (int d = 0; d < width; d++) {
        before[d] = mean[d] - before[d];
      }
      if (!someFrozen()) {
        kernels.add(before, 1, weights.inputs, rows, of, width);
      } else if (!frozen(words[centre])) {
        // N-grams are in frozen words too: only the word's own row may move, all the way.
        kernels.add(before, of, weights.inputs, rows, 1, width);
      }
    }
  }

  private void predict(int word) {
    if (negatives < TrainingKernels.TILE) {
      predict(word, mean, mean);
    } else {
      // Further tiles are to see the mean as it was.
      System.arraycopy(mean, 0, copy, 0, copy.length);
      predict(word, copy, mean);
    }
  }
}
