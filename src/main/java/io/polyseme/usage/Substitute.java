package io.polyseme.usage;

import io.polyseme.vector.Span;
import java.util.Locale;

/**
 * A word that could stand in another's place.
 *
 * @param score how little it changes: 1 for nothing, 0 for as much as the candidates do on average;
 *     comparable within one answer only
 * @param lemma phrases with spaces
 * @param source where it comes from
 * @param text with the word in the place of the other
 * @param span of the word in it
 */
public record Substitute(double score, String lemma, Source source, String text, Span span) {
  /** Where a substitute comes from; of several the first. */
  public enum Source {
    /** The inventory has it for the same sense. */
    SYNONYM,
    /** The inventory has it for a wider sense. */
    BROADER,
    /** The inventory has it for a narrower sense. */
    NARROWER,
    /** The inventory has it for another kind of the same wider sense. */
    SIBLING,
    /** It is a neighbour in the word space. */
    NEIGHBOUR;

    /** In lower case. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The word as it is written in the text. */
  public String word() {
    return span.of(text);
  }
}
