package io.polyseme.evaluate;

import java.util.Locale;

/** How the words of a test are looked up in a space. */
public enum Spelling {
  /** Only as the test writes them. */
  AS_WRITTEN,
  /**
   * As the test writes them, otherwise in lower case; and labels that differ only in case count as
   * one word, both as the right answer and as an input that cannot be one. So a test with {@code
   * Athens} can be put to a space that knows only {@code athens}.
   */
  FOLDED;

  /** What labels that count as one word have in common. */
  String key(String word) {
    return this == FOLDED ? word.toLowerCase(Locale.ROOT) : word;
  }
}
