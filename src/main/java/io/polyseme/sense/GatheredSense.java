package io.polyseme.sense;

import io.polyseme.vector.Vectors;
import org.jspecify.annotations.Nullable;

/** What is known of a sense while its vectors are being gathered. Not thread-safe. */
final class GatheredSense {
  private final Sense sense;
  private float @Nullable [] sum;
  private float @Nullable [] gloss;
  private int corpus;
  private int examples;

  GatheredSense(Sense sense) {
    this.sense = sense;
  }

  Sense sense() {
    return sense;
  }

  /** Usages of labelled corpora, before all examples. */
  void addCorpus(SenseLearner.Usages usages) {
    sum = usages.sum().clone();
    corpus = usages.count();
  }

  /** The word of a text, in the space of usages. */
  void add(SenseTexts.Text text, float[] placed) {
    if (text.gloss()) {
      gloss = placed;
    } else {
      examples++;
      if (sum == null) {
        sum = new float[placed.length];
      }
      Vectors.addScaled(sum, placed, 1);
    }
  }

  SenseVectors.Known known() {
    return new SenseVectors.Known(
        sum == null ? null : Vectors.unitOrZero(sum), corpus, examples, gloss);
  }
}
