package io.polyseme.train;

/** What becomes of the numbers of a text, which are words that begin with a digit. */
public enum NumberPolicy {
  /** They are words as any other. */
  KEEP,
  /** They are left out, as punctuation is. */
  DROP,
  /** Each digit becomes a 0, so that 1987 and 2024 are one word. */
  ZEROS
}
