package io.polyseme.lexicon;

import io.polyseme.PolysemeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The words of jieba's dictionary, with their frequencies. */
public final class ChineseDictionary {
  /**
   * A word of the dictionary.
   *
   * @param frequency how often it occurs in the corpus that the dictionary was counted in
   * @param tag its part of speech (ICTCLAS: {@code n} noun, {@code ns} place name ...)
   */
  public record Entry(String word, long frequency, String tag) {}

  private ChineseDictionary() {}

  /**
   * All the words, most frequent first, equally frequent ones in the order of their characters.
   *
   * @throws PolysemeException if jieba is not on the class path
   */
  public static List<Entry> entries() {
    InputStream resource;
    try {
      resource = com.huaban.analysis.jieba.JiebaSegmenter.class.getResourceAsStream("/dict.txt");
    } catch (NoClassDefFoundError e) {
      throw missing(e);
    }
    if (resource == null) {
      throw missing(null);
    }
    var entries = new ArrayList<Entry>(350_000);
    try (var reader = new BufferedReader(new InputStreamReader(resource, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] columns = line.strip().split("\\s+");
        if (columns.length >= 2) {
          entries.add(
              new Entry(
                  columns[0], Long.parseLong(columns[1]), columns.length > 2 ? columns[2] : ""));
        }
      }
    } catch (IOException | NumberFormatException e) {
      throw new PolysemeException("cannot read jieba's dictionary: " + e.getMessage(), e);
    }
    entries.sort(Comparator.comparingLong(Entry::frequency).reversed().thenComparing(Entry::word));
    return entries;
  }

  private static PolysemeException missing(Throwable cause) {
    return new PolysemeException(
        "the Chinese vocabulary needs jieba on the class path: add com.huaban:jieba-analysis",
        cause);
  }
}
