package io.polyseme;

import java.util.Locale;
import java.util.Set;

/** What a text is written in, as far as its letters and commonest words tell. */
public final class TextLanguage {
  /**
   * The commonest words of English that other languages in Latin letters hardly have: together more
   * than a quarter of running text.
   */
  private static final Set<String> ENGLISH =
      Set.of(
          "the", "of", "and", "to", "is", "was", "for", "that", "it", "with", "as", "on", "be",
          "by", "are", "from", "this", "at", "his", "which", "or", "had", "not", "have", "were",
          "but", "they", "you", "he", "her", "she", "their", "been", "has", "its", "who", "would");

  private static final double LEAST = 0.1;

  /** So many characters of East Asia among the letters make a text one of their languages. */
  private static final double EAST_ASIAN = 0.3;

  private TextLanguage() {}

  /** Whether a text has the common words of English as often as English has. */
  public static boolean isEnglish(String text) {
    return englishShare(text) > LEAST;
  }

  /** How many of a text's words are common words of English, from 0 to 1. */
  public static double englishShare(String text) {
    int words = 0;
    int english = 0;
    for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}]+")) {
      if (!word.isEmpty()) {
        words++;
        english += ENGLISH.contains(word) ? 1 : 0;
      }
    }
    return words == 0 ? 0 : (double) english / words;
  }

  /** Whether a good part of the letters are of Chinese, Japanese or Korean. */
  public static boolean isEastAsian(String text) {
    int letters = 0;
    int eastAsian = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      if (Character.isLetter(point)) {
        letters++;
        eastAsian +=
            switch (Character.UnicodeScript.of(point)) {
              case HAN, HIRAGANA, KATAKANA, HANGUL, BOPOMOFO -> 1;
              default -> 0;
            };
      }
    }
    return letters > 0 && eastAsian >= EAST_ASIAN * letters;
  }
}
