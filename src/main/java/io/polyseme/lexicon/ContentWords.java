package io.polyseme.lexicon;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words that say what a text is about: runs of letters in lower case, Chinese cut into words by
 * jieba, without {@link FunctionWords}, numbers and single characters. Thread-safe.
 */
public final class ContentWords {
  /** Letters with marks, hyphens and apostrophes within. */
  private static final Pattern WORD =
      Pattern.compile("\\p{L}[\\p{L}\\p{M}\\p{Nd}]*(?:['’-][\\p{L}\\p{M}\\p{Nd}]+)*");

  private static final Pattern CHINESE = Pattern.compile("\\p{IsHan}");
  private static final Pattern POSSESSIVE = Pattern.compile("['’]s$");

  private ContentWords() {}

  /**
   * The words of a text, each once, in the order in which they come.
   *
   * @throws io.polyseme.PolysemeException if there are Chinese characters, and jieba is not on the
   *     class path
   */
  public static Set<String> of(String text) {
    var words = new LinkedHashSet<String>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      String run = matcher.group().toLowerCase(Locale.ROOT);
      if (CHINESE.matcher(run).find()) {
        for (String word : ChineseSegmenter.cut(run)) {
          add(words, word);
        }
      } else {
        add(words, POSSESSIVE.matcher(run).replaceFirst(""));
      }
    }
    return words;
  }

  private static void add(Set<String> words, String word) {
    if (word.codePointCount(0, word.length()) > 1 && !FunctionWords.contains(word)) {
      words.add(word);
    }
  }
}
