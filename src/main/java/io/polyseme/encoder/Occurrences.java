package io.polyseme.encoder;

import io.polyseme.PolysemeException;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.List;

/** Where a word stands in a text. */
public final class Occurrences {
  private static final int SHOWN = 80;

  private Occurrences() {}

  /**
   * Every occurrence, whatever its case, that is no part of a longer word; in Chinese text, where
   * words touch, every occurrence.
   *
   * @return at least one, in the order of the text; may overlap
   * @throws PolysemeException if there is none
   * @throws IllegalArgumentException if the word is empty or only white space
   */
  public static List<Span> of(String word, String text) {
    if (word.isBlank()) {
      throw new IllegalArgumentException("the word is empty");
    }
    var found = new ArrayList<Span>();
    for (int at = find(word, text, 0); at >= 0; at = find(word, text, at + 1)) {
      int end = at + word.length();
      if (!joins(text, at) && !joins(text, end)) {
        found.add(new Span(at, end));
      }
    }
    if (found.isEmpty()) {
      throw new PolysemeException(
          "the word \"%s\" is not in the text \"%s\"".formatted(word, shortened(text)));
    }
    return found;
  }

  private static String shortened(String text) {
    if (text.length() <= SHOWN) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(SHOWN - 2)) ? SHOWN - 2 : SHOWN - 1;
    return text.substring(0, end) + "…";
  }

  private static int find(String word, String text, int from) {
    for (int at = from; at + word.length() <= text.length(); at++) {
      if (text.regionMatches(true, at, word, 0, word.length())) {
        return at;
      }
    }
    return -1;
  }

  /** Whether the characters before and after this place belong to one word. */
  private static boolean joins(String text, int place) {
    if (place <= 0 || place >= text.length()) {
      return false;
    }
    int before = text.codePointBefore(place);
    int after = text.codePointAt(place);
    return Character.isLetterOrDigit(before)
        && Character.isLetterOrDigit(after)
        && !spaceless(before)
        && !spaceless(after);
  }

  private static boolean spaceless(int point) {
    return switch (Character.UnicodeScript.of(point)) {
      case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR -> true;
      default -> false;
    };
  }
}
