package io.polyseme.collection;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An entry of an index as a member of a collection.
 *
 * @param label its label in the index
 * @param text its text; its label where it has none
 * @param fields all its fields, in the order they were stored
 */
public record Member(String label, String text, Map<String, String> fields) {
  private static final String TEXT = "text";

  public Member {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  static Member of(String label, Map<String, String> fields) {
    return new Member(label, text(label, fields), fields);
  }

  static String text(String label, Map<String, String> fields) {
    String text = fields.get(TEXT);
    return text == null || text.isBlank() ? label : text;
  }
}
