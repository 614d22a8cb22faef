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

  /** The mean of the gloss's tokens as it looks in a space; null without a gloss. */
  float @Nullable [] gloss(UsageSpace space) {
    return gloss == null ? null : space.whiten(gloss);
  }

  /**
   * The mean of the examples and some labelled usages in a space, of unit length; null of none.
   *
   * @param labelled before whitening, as the texts
   */
  float @Nullable [] mean(UsageSpace space, List<float[]> labelled) {
    if (labelled.isEmpty() && examples.isEmpty()) {
      return null;
    }
    var sum = new float[space.dimension()];
    for (List<float[]> some : List.of(labelled, examples)) {
      for (float[] usage : some) {
        Vectors.addScaled(sum, space.whiten(usage), 1);
      }
    }
    return Vectors.unitOrZero(sum);
  }

  /**
   * What is known by these texts and some labelled usages.
   *
   * @param mean of the usages
   * @param labelled how many of them are labelled
   * @param placedGloss where the space has the gloss
   */
  SenseVectors.Known known(float @Nullable [] mean, int labelled, float @Nullable [] placedGloss) {
    return SenseVectors.Known.of(mean, labelled, examples.size(), placedGloss);
  }
}
