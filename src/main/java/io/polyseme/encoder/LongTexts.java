package io.polyseme.encoder;

/** What becomes of a text that is longer than the model's window. */
public enum LongTexts {
  /**
   * It is encoded in overlapping windows. Each word is taken from the window where its poorer side
   * has the most context; the vector of the whole is the mean over the windows, each by the tokens
   * that belong to it.
   */
  WINDOWS,
  /**
   * It ends where the window does, as in most other programs. The rest is not encoded: its words
   * and passages get no vectors. {@link Encoded#cut()} and a warning say what was left out.
   */
  TRUNCATED
}
