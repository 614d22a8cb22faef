package io.polyseme.predict;

import io.polyseme.vector.Span;
import java.util.List;

/**
 * What could stand at one place, as one layer has it.
 *
 * @param span of the mask, or of the word that was masked, in the text as it was given; empty, at
 *     its end, for the word that comes next
 * @param words the likeliest first
 */
public record Prediction(Span span, int layer, List<Word> words) {
  public Prediction {
    words = List.copyOf(words);
  }

  /**
   * A word, or a piece of one.
   *
   * @param word as it is written; {@code ##} stands before a piece that goes on a word
   * @param id of the piece
   * @param probability among all pieces, from 0 to 1
   */
  public record Word(String word, int id, double probability) {}
}
