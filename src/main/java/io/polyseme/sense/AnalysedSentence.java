package io.polyseme.sense;

import io.polyseme.vector.Span;
import java.util.List;

/**
 * A sentence of a text.
 *
 * @param span where it stands in the text, without white space around it
 * @param words in the order of their spans, which are those of the whole text
 */
public record AnalysedSentence(Span span, List<AnalysedWord> words) {
  public AnalysedSentence {
    words = List.copyOf(words);
  }
}
