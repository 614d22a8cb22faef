package io.polyseme.train.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** Words of text held out predicted: always the same ones, of the first sequences. */
final class WordMeasure implements Training.Measure {
  private final WordObjective objective;
  private final Sequences held;
  private final int batch;
  private final int sequences;

  /**
   * @param most how many sequences are looked at
   */
  WordMeasure(WordObjective objective, Sequences held, int batch, int most) {
    this.objective = objective;
    this.held = held;
    this.batch = batch;
    this.sequences = Math.min(most, held.inOrder());
  }

  @Override
  public WordScores measure(Network network, NDManager manager) {
    double loss = 0;
    long right = 0;
    long words = 0;
    for (int at = 0; at < sequences; at += batch) {
      WordObjective.Batch asked = objective.heldOut(held, at, Math.min(batch, sequences - at));
      try (NDManager inner = manager.newSubManager()) {
        NDArray logs = WordObjective.logits(network, asked, 0, inner).logSoftmax(-1);
        int count = asked.words().length;
        NDArray targets = inner.create(asked.words(), new Shape(count, 1));
        loss -= logs.gather(targets, 1).sum().getFloat();
        long[] most = logs.argMax(-1).toLongArray();
        for (int i = 0; i < count; i++) {
          right += most[i] == asked.words()[i] ? 1 : 0;
        }
        words += count;
      }
    }
    return new WordScores(loss / words, (double) right / words, words);
  }

  /** What the frequency of words alone gets. */
  WordScores floor(TokenFile learned, int vocabulary) {
    var counts = new long[vocabulary];
    for (long place = 0; place < learned.size(); place++) {
      counts[learned.id(place)]++;
    }
    int commonest = 0;
    for (int word = 0; word < vocabulary; word++) {
      commonest = counts[word] > counts[commonest] ? word : commonest;
    }
    double total = learned.size() + vocabulary;
    double loss = 0;
    long right = 0;
    long words = 0;
    for (int at = 0; at < sequences; at += batch) {
      for (long word : objective.heldOut(held, at, Math.min(batch, sequences - at)).words()) {
        loss -= Math.log((counts[(int) word] + 1) / total);
        right += word == commonest ? 1 : 0;
        words++;
      }
    }
    return new WordScores(loss / words, (double) right / words, words);
  }
}
