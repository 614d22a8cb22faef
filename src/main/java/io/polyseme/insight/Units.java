package io.polyseme.insight;

import io.polyseme.encoder.TokenisedText;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What attention is counted between: words, their pieces joined; marks that are no words, and
 * special tokens, each alone.
 */
final class Units {
  private static final int NONE = -1;

  private final List<Unit> units;

  /** The same number for units that are written alike. */
  private final int[] kinds;

  private final int tokens;

  /** The unit of each span that was given; -1 where it has none. */
  private final int[] given;

  /**
   * @param tokens of all units together
   */
  Units(int tokens, List<Unit> units, int[] given) {
    this.units = List.copyOf(units);
    this.given = given;
    this.tokens = tokens;
    kinds = new int[units.size()];
    Map<String, Integer> known = new HashMap<>();
    for (int unit = 0; unit < kinds.length; unit++) {
      Integer kind = known.putIfAbsent(text(unit).toLowerCase(Locale.ROOT), unit);
      kinds[unit] = kind == null ? unit : kind;
    }
  }

  /** By the words that the encoder finds. */
  static Units of(TokenisedText text) {
    return new Units(text.count(), Unit.of(text), new int[0]);
  }

  /**
   * By words that are given; tokens of none are units of their own.
   *
   * @param text of one part
   * @param words in order; those of the same tokens share a unit
   */
  static Units of(TokenisedText text, List<Span> words) {
    var ofToken = new int[text.count()];
    Arrays.fill(ofToken, NONE);
    for (int token = 0; token < ofToken.length; token++) {
      Span span = text.span(token);
      for (int w = 0; span != null && ofToken[token] == NONE && w < words.size(); w++) {
        if (overlap(span, words.get(w))) {
          ofToken[token] = w;
        }
      }
    }
    var given = new int[words.size()];
    Arrays.fill(given, NONE);
    var units = new ArrayList<Unit>();
    for (int token = 0; token < ofToken.length; ) {
      int word = ofToken[token];
      int end = token + 1;
      while (word != NONE && end < ofToken.length && ofToken[end] == word) {
        end++;
      }
      Span span = text.span(token);
      if (word != NONE) {
        given[word] = units.size();
        span = words.get(word);
      }
      units.add(
          span == null
              ? new Unit(text.piece(token), Unit.Kind.SPECIAL, -1, null, token, end)
              : new Unit(
                  span.of(text.texts().getFirst()),
                  word == NONE ? Unit.Kind.MARK : Unit.Kind.WORD,
                  0,
                  span,
                  token,
                  end));
      token = end;
    }
    // Words within one token (of a contraction that is written as one) share it.
    for (int w = 0; w < given.length; w++) {
      for (int other = 0; given[w] == NONE && other < given.length; other++) {
        if (given[other] != NONE && overlap(words.get(w), words.get(other))) {
          given[w] = given[other];
        }
      }
    }
    return new Units(text.count(), units, given);
  }

  private static boolean overlap(Span one, Span other) {
    return one.start() < other.end() && other.start() < one.end();
  }

  int count() {
    return units.size();
  }

  Unit unit(int unit) {
    return units.get(unit);
  }

  int size(int unit) {
    return units.get(unit).tokens();
  }

  int tokens() {
    return tokens;
  }

  boolean special(int unit) {
    return units.get(unit).kind() == Unit.Kind.SPECIAL;
  }

  /** Whether it is a word, and no mark or special token. */
  boolean word(int unit) {
    return units.get(unit).kind() == Unit.Kind.WORD;
  }

  /** As it is written, or as the tokenizer writes a special token. */
  String text(int unit) {
    return units.get(unit).text();
  }

  /** Whether two words are the same but for their case. */
  boolean sameWord(int one, int other) {
    return kinds[one] == kinds[other];
  }

  /** The unit of a word that was given; -1 where no token of it is left. */
  int given(int word) {
    return given[word];
  }

  /**
   * The attention between units: the sum over the pieces that are looked at, the mean over those
   * that look (Clark et al. 2019, "What Does BERT Look At?", section 4.1).
   *
   * @param attention float[heads × tokens × tokens]
   * @param into float[units × units], filled
   */
  void join(float[] attention, int head, float[] into) {
    int units = this.units.size();
    int at = head * tokens * tokens;
    var from = new int[units + 1];
    for (int unit = 0; unit < units; unit++) {
      from[unit + 1] = this.units.get(unit).to();
    }
    if (units == tokens) {
      System.arraycopy(attention, at, into, 0, units * units);
      return;
    }
    for (int query = 0; query < units; query++) {
      int row = query * units;
      Arrays.fill(into, row, row + units, 0);
      Unit looking = this.units.get(query);
      for (int token = looking.from(); token < looking.to(); token++) {
        int start = at + token * tokens;
        for (int key = 0; key < units; key++) {
          float sum = 0;
          for (int k = from[key]; k < from[key + 1]; k++) {
            sum += attention[start + k];
          }
          into[row + key] += sum;
        }
      }
      float pieces = size(query);
      for (int key = 0; pieces > 1 && key < units; key++) {
        into[row + key] /= pieces;
      }
    }
  }
}
