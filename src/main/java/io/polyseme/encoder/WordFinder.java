package io.polyseme.encoder;

import com.huaban.analysis.jieba.JiebaSegmenter;
import com.huaban.analysis.jieba.WordDictionary;
import io.polyseme.PolysemeException;
import io.polyseme.vector.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the words of a text: Unicode's word boundaries, and within runs of Han characters jieba's
 * segmentation (https://github.com/fxsjy/jieba: a word graph over a dictionary, best path by
 * frequency, unknown words by a hidden Markov model). Thread-safe.
 */
final class WordFinder {
  private final @Nullable Path dictionary;

  WordFinder(@Nullable Path dictionary) {
    if (dictionary != null && !Files.isReadable(dictionary)) {
      throw new PolysemeException("cannot read the segmenter's dictionary " + dictionary);
    }
    this.dictionary = dictionary;
  }

  /**
   * The spans of the words, in order, not overlapping.
   *
   * @param text well-formed UTF-16
   */
  List<Span> words(String text) {
    var words = new ArrayList<Span>();
    BreakIterator boundaries = BreakIterator.getWordInstance(Locale.ROOT);
    boundaries.setText(text);
    int start = boundaries.first();
    for (int end = boundaries.next(); end != BreakIterator.DONE; end = boundaries.next()) {
      add(text, start, end, words);
      start = end;
    }
    return words;
  }

  /** Adds the words between two boundaries; runs of Han among them are cut further. */
  private void add(String text, int start, int end, List<Span> words) {
    int place = start;
    while (place < end) {
      boolean han = isHan(text.codePointAt(place));
      int runEnd = place;
      boolean word = false;
      while (runEnd < end) {
        int point = text.codePointAt(runEnd);
        if (isHan(point) != han) {
          break;
        }
        word |= isWordPoint(point);
        runEnd += Character.charCount(point);
      }
      if (han) {
        addHan(text, place, runEnd, words);
      } else if (word) {
        words.add(new Span(place, runEnd));
      }
      place = runEnd;
    }
  }

  private void addHan(String text, int start, int end, List<Span> words) {
    int place = start;
    for (String word : segmenter(dictionary).sentenceProcess(text.substring(start, end))) {
      words.add(new Span(place, place + word.length()));
      place += word.length();
    }
  }

  private static boolean isHan(int point) {
    return Character.UnicodeScript.of(point) == Character.UnicodeScript.HAN
        && Character.isLetter(point);
  }

  private static boolean isWordPoint(int point) {
    return Character.isLetterOrDigit(point)
        || (Character.isEmojiPresentation(point) && !Character.isWhitespace(point));
  }

  /** Loads jieba's dictionary on first use; further dictionaries once each. */
  private static JiebaSegmenter segmenter(@Nullable Path dictionary) {
    try {
      if (dictionary != null) {
        Jieba.load(dictionary);
      }
      return Jieba.SEGMENTER;
    } catch (NoClassDefFoundError e) {
      throw new PolysemeException(
          "Chinese words need jieba on the class path: add com.huaban:jieba-analysis (or give the"
              + " spans of the words)",
          e);
    }
  }

  /** Holds the segmenter, whose dictionary takes a second and some 60 MB. */
  private static final class Jieba {
    static final JiebaSegmenter SEGMENTER = new JiebaSegmenter();

    static synchronized void load(Path dictionary) {
      WordDictionary.getInstance().loadUserDict(dictionary);
    }
  }
}
