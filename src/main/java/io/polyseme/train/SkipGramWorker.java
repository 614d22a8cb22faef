package io.polyseme.train;

/**
 * Skip-gram with negative sampling (Mikolov et al. 2013, "Distributed Representations of Words and
 * Phrases and their Compositionality"): each word of a window predicts the one in its middle. Some
 * words of a window share the negatives.
 */
final class SkipGramWorker extends TrainingWorker {
  /** How many words share negatives: few of a window, for more different ones. */
  static final int SHARED = 2;

  private final int[] inputs;
  private final int[] places;
  private final int[] copies;
  private final float[] copied;

  SkipGramWorker(TrainingTask task) {
    super(task, 2 * task.options().window());
    inputs = new int[2 * window];
    places = someFrozen() ? new int[2 * window] : inputs;
    copies = new int[2 * window];
    copied =
        negatives < TrainingKernels.TILE ? new float[0] : new float[2 * window * weights.width];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = i * weights.width;
    }
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
          inputs[found] = words[i] * width;
          if (places != inputs) {
            places[found] = place(words[i]);
          }
          found++;
        }
      }
      for (int first = 0; first < found; first += SHARED) {
        step(words[centre], first, Math.min(SHARED, found - first));
      }
    }
  }

  private void step(int word, int first, int count) {
    boolean measures = measures();
    begin(word);
    int left = fill(word, negatives);
    if (left == 0) {
      step(weights.inputs, inputs, first, count, weights.inputs, places, measures);
    } else {
      // Further tiles are to see the inputs as they were.
      for (int i = first; i < first + count; i++) {
        System.arraycopy(weights.inputs, inputs[i], copied, copies[i], weights.width);
      }
      step(copied, copies, first, count, weights.inputs, places, measures);
      while (left > 0) {
        left = fill(word, left);
        step(copied, copies, first, count, weights.inputs, places, measures);
      }
    }
    if (measures) {
      measured(count);
    }
  }
}
