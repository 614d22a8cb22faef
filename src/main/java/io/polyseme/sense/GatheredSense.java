package io.polyseme.sense;

import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The texts of a sense as vectors, before whitening: its gloss and its examples. Filled by one
 * thread.
 */
final class GatheredSense {
  private final Sense sense;
  private final List<float[]> examples = new ArrayList<>();
  private float @Nullable [] gloss;
  private float @Nullable [] lemma;

  GatheredSense(Sense sense) {
    this.sense = sense;
  }

  Sense sense() {
    return sense;
  }

  /**
   * @param lemma the vector of the word that the gloss explains, before it
   * @param gloss the mean of all tokens
   */
  void addGloss(float[] lemma, float[] gloss) {
    this.lemma = lemma;
    this.gloss = gloss;
  }

  void addExample(float[] word) {
    examples.add(word);
  }

  /**
   * All that the gloss shows, as a trained map takes it: the word before it and the mean, as they
   * look in a space, one after the other; null without a gloss.
   */
  float @Nullable [] explained(UsageSpace space) {
    if (lemma == null || gloss == null) {
      return null;
    }
    float[] word = space.whiten(lemma);
    float[] mean = space.whiten(gloss);
    float[] both = Arrays.copyOf(word, word.length + mean.length);
    System.arraycopy(mean, 0, both, word.length, mean.length);
    return Vectors.unitOrZero(both);
  }

  List<float[]> examples() {
    return examples;
  }

  /**
   * What is known by these texts and some labelled usages.
   *
   * @param labelled before whitening, as the texts
   */
  SenseVectors.Known known(UsageSpace space, List<float[]> labelled) {
    float[] mean = null;
    if (!labelled.isEmpty() || !examples.isEmpty()) {
      mean = new float[space.dimension()];
      for (List<float[]> some : List.of(labelled, examples)) {
        for (float[] usage : some) {
          Vectors.addScaled(mean, space.whiten(usage), 1);
        }
      }
      mean = Vectors.unitOrZero(mean);
    }
    return SenseVectors.Known.of(
        mean, labelled.size(), examples.size(), gloss == null ? null : space.whiten(gloss));
  }
}
