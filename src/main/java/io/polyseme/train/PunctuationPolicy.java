package io.polyseme.train;

/**
 * What becomes of the punctuation of a text: the characters of Unicode's categories P and S, which
 * are symbols as {@code $} and {@code +} too.
 */
public enum PunctuationPolicy {
  /** It stands between words and is left out. */
  DROP,
  /** Each mark is a word of its own, inside words too: {@code don't} is {@code don ' t}. */
  KEEP
}
