package io.polyseme.train;

import java.util.Objects;

/**
 * How a text becomes words. A line end ends a sentence, of which a window never sees more than one.
 * Immutable; start at {@link #DEFAULT}.
 *
 * @param lowerCase whether letters are made lower-case, one by one and not by any language's rules
 * @param tokenised whether the text was cut into tokens already: what stands between white space is
 *     a word as it is, punctuation too, and what follows does not matter. Else a word is a run of
 *     Unicode's letters, digits and the marks on them, and all else is left out.
 * @param numbers what becomes of numbers
 * @param punctuation what becomes of punctuation
 * @param chinese whether runs of Chinese characters are cut into words; else each run is one
 */
public record TextRule(
    boolean lowerCase,
    boolean tokenised,
    NumberPolicy numbers,
    PunctuationPolicy punctuation,
    boolean chinese) {
  /** Lower-case letters and digits, Chinese cut into words. */
  public static final TextRule DEFAULT =
      new TextRule(true, false, NumberPolicy.KEEP, PunctuationPolicy.DROP, true);

  public TextRule {
    Objects.requireNonNull(numbers, "numbers");
    Objects.requireNonNull(punctuation, "punctuation");
  }

  public TextRule withLowerCase(boolean lowerCase) {
    return new TextRule(lowerCase, tokenised, numbers, punctuation, chinese);
  }

  public TextRule withTokenised(boolean tokenised) {
    return new TextRule(lowerCase, tokenised, numbers, punctuation, chinese);
  }

  public TextRule withNumbers(NumberPolicy numbers) {
    return new TextRule(lowerCase, tokenised, numbers, punctuation, chinese);
  }

  public TextRule withPunctuation(PunctuationPolicy punctuation) {
    return new TextRule(lowerCase, tokenised, numbers, punctuation, chinese);
  }

  public TextRule withChinese(boolean chinese) {
    return new TextRule(lowerCase, tokenised, numbers, punctuation, chinese);
  }
}
