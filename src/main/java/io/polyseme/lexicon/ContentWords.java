package io.polyseme.lexicon;

import io.polyseme.PolysemeException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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

  private static final class Jieba {
    private static final com.huaban.analysis.jieba.JiebaSegmenter SEGMENTER =
        new com.huaban.analysis.jieba.JiebaSegmenter();
  }

  private ContentWords() {}

  /**
   * The words of a text, each once, in the order in which they come.
   *
   * @throws PolysemeException if there are Chinese characters, and jieba is not on the class path
   */
  public static Set<String> of(String text) {
    var words = new LinkedHashSet<String>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      String run = matcher.group().toLowerCase(Locale.ROOT);
      if (CHINESE.matcher(run).find()) {
        for (String word : cut(run)) {
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

  private static Iterable<String> cut(String run) {
    try {
      return Jieba.SEGMENTER.sentenceProcess(run);
    } catch (NoClassDefFoundError e) {
      throw missing(e);
    }
  }

  private static PolysemeException missing(@Nullable Throwable cause) {
    return new PolysemeException(
        "Chinese words cannot be cut: add com.huaban:jieba-analysis to the class path", cause);
  }
}
