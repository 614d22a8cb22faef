package io.polyseme.insight;

import java.util.Locale;

/**
 * Two words or names that a relation holds between: a country and its capital.
 *
 * @param source what is asked about
 * @param target what is to it as is to be learned
 */
public record WordPair(String source, String target) {
  private static final int PREFIX = 4;

  public WordPair {
    if (source.isBlank() || target.isBlank()) {
      throw new IllegalArgumentException(
          "a pair needs two words: \"%s\", \"%s\"".formatted(source, target));
    }
  }

  /**
   * Whether how the two are written gives one away by the other: one contains the other, or they
   * begin with the same four letters.
   */
  public boolean overlaps() {
    String a = source.toLowerCase(Locale.ROOT);
    String b = target.toLowerCase(Locale.ROOT);
    return a.contains(b)
        || b.contains(a)
        || a.length() >= PREFIX && b.regionMatches(0, a, 0, PREFIX);
  }
}
