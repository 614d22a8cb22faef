package io.polyseme.evaluate;

import io.polyseme.corpus.TokenText;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import java.util.List;

/** Tokenised texts, as sets have them, made into texts as people write them. */
final class Tokenised {
  private Tokenised() {}

  /**
   * Joins tokens.
   *
   * @param at the token that is the word; what is empty is no token but counts
   * @throws IndexOutOfBoundsException if there is no such token
   * @throws IllegalArgumentException if that token is empty
   */
  static Term.Usage usage(List<String> tokens, int at) {
    if (tokens.get(at).isBlank()) {
      throw new IllegalArgumentException("token " + at + " is empty");
    }
    var text = new TokenText();
    Span span = new Span(0, 0);
    for (int i = 0; i < tokens.size(); i++) {
      if (!tokens.get(i).isBlank()) {
        int start = text.add(tokens.get(i));
        if (i == at) {
          span = new Span(start, text.length());
        }
      }
    }
    return new Term.Usage(text.toString(), span);
  }
}
