package io.polyseme.encoder;

/** Which words of a text get a vector. */
public enum Words {
  /** None: only the sentence is wanted. */
  NONE,
  /**
   * Every word, by Unicode's word boundaries (UAX #29 as {@link java.text.BreakIterator} has them),
   * Chinese text cut by jieba. Punctuation and white space are no words.
   */
  ALL,
  /** The spans that come with the text. */
  GIVEN
}
