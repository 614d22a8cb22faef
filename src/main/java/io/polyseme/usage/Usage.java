package io.polyseme.usage;

import io.polyseme.PolysemeException;
import io.polyseme.sense.PartOfSpeech;
import io.polyseme.vector.Span;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A word where it stands in a corpus.
 *
 * @param label unique in its index: document, line and place
 * @param text the sentence, as it is written
 * @param span of the word in it
 * @param lemma in lower case
 * @param pos null where it is not known
 * @param document the file
 * @param line of the file, from 1
 * @param fields everything that the index keeps of it, the corpus's own fields among it
 */
public record Usage(
    String label,
    String text,
    Span span,
    String lemma,
    @Nullable PartOfSpeech pos,
    String document,
    long line,
    Map<String, String> fields) {
  public Usage {
    span.of(text);
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /** The word as it is written. */
  public String word() {
    return span.of(text);
  }

  /**
   * Reads what an index keeps.
   *
   * @throws PolysemeException if this is no usage
   */
  static Usage of(String label, Map<String, String> fields) {
    try {
      String pos = fields.get("pos");
      return new Usage(
          label,
          fields.getOrDefault("text", ""),
          new Span(number(fields, "start"), number(fields, "end")),
          fields.getOrDefault(Usages.LEMMA, ""),
          pos == null ? null : PartOfSpeech.parse(pos).orElse(null),
          fields.getOrDefault("document", ""),
          number(fields, "line"),
          fields);
    } catch (IllegalArgumentException e) {
      throw new PolysemeException("the entry " + label + " is no usage of a word", e);
    }
  }

  private static int number(Map<String, String> fields, String name) {
    return Integer.parseInt(fields.getOrDefault(name, ""));
  }
}
