package io.polyseme.sense;

/** How the senses of a word in its context are ranked. */
public enum SenseMethod {
  /** All that is known, weighed; its scores are calibrated where it was trained. */
  COMBINED,
  /** As {@link #COMBINED}, without the frequency of senses. */
  CONTEXT,
  /** The nearest mean of the word's own vectors where it has the sense. */
  USAGES,
  /** The nearest gloss, by the sentence encoder. */
  GLOSSES,
  /** The sense that is most frequent, whatever the context: the floor. */
  FREQUENCY,
  /**
   * The words that the text shares with a sense's glosses and their neighbours' (extended Lesk).
   */
  LESK;

  /** In lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
