package io.polyseme.usage;

import io.polyseme.vector.Filter;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a corpus by the value of a field.
 *
 * @param name as it was asked for: a value, or a range of whole numbers
 * @param filter lets the usages of the part through
 */
public record PartOfCorpus(String name, Filter filter) {
  private static final Pattern RANGE = Pattern.compile("(-?\\d{1,18})\\.\\.(-?\\d{1,18})");

  /**
   * Reads a value, or a range of whole numbers with both its ends, as {@code 1810..1860}.
   *
   * @throws IllegalArgumentException if a range ends before it begins
   */
  public static PartOfCorpus parse(String field, String text) {
    String part = text.strip();
    Matcher range = RANGE.matcher(part);
    if (!range.matches()) {
      return new PartOfCorpus(part, Filter.equal(field, part));
    }
    long least = Long.parseLong(range.group(1));
    long most = Long.parseLong(range.group(2));
    if (most < least) {
      throw new IllegalArgumentException("the range " + part + " ends before it begins");
    }
    return new PartOfCorpus(part, new Filter.Range(field, least, most));
  }

  boolean has(Map<String, String> fields) {
    return filter.accepts(fields);
  }
}
