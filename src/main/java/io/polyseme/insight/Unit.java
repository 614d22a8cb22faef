package io.polyseme.insight;

import io.polyseme.encoder.TokenisedText;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A word with all its pieces, or a token that is of no word.
 *
 * @param text as it is written, or the tokenizer's name of a special token
 * @param part which text of a pair it is of, 0 or 1; -1 for special tokens
 * @param span in that text; null for special tokens
 * @param from its first token
 * @param to the token after its last
 */
public record Unit(String text, Kind kind, int part, @Nullable Span span, int from, int to) {
  /** What a unit is. */
  public enum Kind {
    WORD,
    /** Punctuation, and what else is no word. */
    MARK,
    /** What stands around and between texts, as [CLS] and [SEP]. */
    SPECIAL
  }

  /** The units of a text, in the order of its tokens; together they have all of them. */
  public static List<Unit> of(TokenisedText text) {
    var units = new ArrayList<Unit>();
    for (int token = 0; token < text.count(); ) {
      int number = text.word(token);
      if (number >= 0) {
        TokenisedText.Word word = text.words().get(number);
        Span span = text.span(token);
        // A token that is wider than the word in it is one of its own, as [MASK] is.
        boolean whole = word.to() == token + 1 && span.length() > word.span().length();
        units.add(
            new Unit(
                whole ? span.of(text.texts().get(word.part())) : word.text(),
                Kind.WORD,
                word.part(),
                whole ? span : word.span(),
                word.from(),
                word.to()));
        token = word.to();
        continue;
      }
      Span span = text.span(token);
      units.add(
          span == null
              ? new Unit(text.piece(token), Kind.SPECIAL, -1, null, token, token + 1)
              : new Unit(
                  span.length() == 0
                      ? text.piece(token)
                      : span.of(text.texts().get(text.part(token))),
                  Kind.MARK,
                  text.part(token),
                  span,
                  token,
                  token + 1));
      token++;
    }
    return units;
  }

  /** How many tokens it has. */
  public int tokens() {
    return to - from;
  }
}
