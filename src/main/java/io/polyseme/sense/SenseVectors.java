package io.polyseme.sense;

import io.polyseme.Cancel;
import io.polyseme.vector.Vectors;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of senses, in a space of usages: made when they are asked for, or kept in an index.
 */
interface SenseVectors {
  /** The space that the vectors are in, and words in their contexts have to be put into. */
  UsageSpace space();

  /** How what is known is weighed. */
  SenseWeights weights();

  /** Sees to it that these senses can be asked for. */
  void prepare(Collection<Sense> senses, Cancel cancel);

  /** What is known of a sense; it was {@link #prepare}d before. */
  Known of(Sense sense);

  /** What is known of how often a sense occurs; its vectors may be missing. */
  default Known counted(Sense sense) {
    return of(sense);
  }

  /**
   * What is known of a sense.
   *
   * @param usage the mean of the word's vectors where it has this sense, of unit length; null where
   *     there is none
   * @param corpus how many of these usages come from labelled corpora
   * @param examples how many come from the inventory's examples
   * @param gloss the mean of its gloss's tokens, of unit length; null where there is no gloss
   * @param agreement the cosine of the mean and the gloss; 0 where one of them is missing
   */
  record Known(
      float @Nullable [] usage,
      int corpus,
      int examples,
      float @Nullable [] gloss,
      double agreement) {
    static final Known NOTHING = new Known(null, 0, 0, null, 0);

    static Known of(float @Nullable [] usage, int corpus, int examples, float @Nullable [] gloss) {
      double agreement = usage == null || gloss == null ? 0 : Vectors.dot(usage, gloss);
      return new Known(usage, corpus, examples, gloss, agreement);
    }

    /** How many usages the mean is of. */
    int observed() {
      return corpus + examples;
    }
  }
}
