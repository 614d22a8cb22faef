package io.polyseme.words;

import java.util.List;

/**
 * What is done about a word that a space does not have, step by step until one helps; where none
 * does, it is an {@link io.polyseme.vector.UnknownTermException}. Whatever stands in for a word is
 * told in the answer. Immutable.
 *
 * @param steps in this order; none for an error at once
 */
public record UnknownWords(List<Step> steps) {
  /** An error at once, with names that are near. */
  public static final UnknownWords ERROR = new UnknownWords(List.of());

  /** Other spellings of the same word: lower case, and underscores for spaces or the reverse. */
  public static final UnknownWords FOLD = new UnknownWords(List.of(Step.FOLD));

  /** One thing to try. */
  public enum Step {
    /**
     * The word in lower case, or with underscores for its spaces or spaces for its underscores, in
     * this and in lower case.
     */
    FOLD,
    /**
     * A vector made of the word's n-grams, as fastText does; only where the space has them, and the
     * word is long enough.
     */
    SUBWORDS,
    /** The first of {@link WordVectors#nearNames}. */
    SPELLING
  }

  public UnknownWords {
    steps = List.copyOf(steps);
  }

  /** These steps, in this order. */
  public static UnknownWords of(Step... steps) {
    return new UnknownWords(List.of(steps));
  }
}
