package io.polyseme.sense;

import io.polyseme.vector.Span;
import java.util.List;

/**
 * A sentence of a corpus in which words are labelled with their senses.
 *
 * @param document the document's name
 * @param text the sentence as it would be written, without white space before punctuation
 * @param words in the order of the text
 */
public record LabelledText(String document, String text, List<Word> words) {
  public LabelledText {
    words = List.copyOf(words);
  }

  /**
   * A labelled word.
   *
   * @param id unique in its corpus
   * @param span where it stands in the sentence
   * @param lemma phrases with spaces
   * @param pos its part of speech
   * @param senses the senses it has: one, seldom several; empty where the answers are not given
   */
  public record Word(String id, Span span, String lemma, PartOfSpeech pos, List<String> senses) {
    public Word {
      senses = List.copyOf(senses);
    }
  }
}
