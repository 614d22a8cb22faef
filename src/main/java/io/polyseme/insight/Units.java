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

  private final int[] from;
  private final int[] to;
  private final boolean[] special;
  private final boolean[] word;

  /** The same number for units that are written alike. */
  private final int[] kinds;

  private final String[] texts;
  private final int tokens;

  /** The unit of each span that was given; -1 where it has none. */
  private final int[] given;

  private Units(TokenisedText text, List<int[]> ranges, int[] given) {
    int count = ranges.size();
    from = new int[count];
    to = new int[count];
    special = new boolean[count];
    word = new boolean[count];
    kinds = new int[count];
    texts = new String[count];
    Map<String, Integer> known = new HashMap<>();
    tokens = text.count();
    this.given = given;
    for (int unit = 0; unit < count; unit++) {
      int[] range = ranges.get(unit);
      from[unit] = range[0];
      to[unit] = range[1];
      special[unit] = text.special(range[0]);
      word[unit] = range[2] != 0;
      texts[unit] = special[unit] ? "" : written(text, range[0], range[1]);
      Integer kind = known.putIfAbsent(texts[unit].toLowerCase(Locale.ROOT), unit);
      kinds[unit] = kind == null ? unit : kind;
    }
  }

  private static String written(TokenisedText text, int from, int to) {
    Span first = text.span(from);
    Span last = text.span(to - 1);
    return first == null || last == null
        ? ""
        : text.texts()
            .get(text.part(from))
            .substring(first.start(), Math.max(first.start(), last.end()));
  }

  /** By the words that the encoder finds. */
  static Units of(TokenisedText text) {
    var ranges = new ArrayList<int[]>();
    for (int token = 0; token < text.count(); ) {
      int word = text.word(token);
      int end = word < 0 ? token + 1 : text.words().get(word).to();
      ranges.add(new int[] {token, end, word < 0 ? 0 : 1});
      token = end;
    }
    return new Units(text, ranges, new int[0]);
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
        if (span.start() < words.get(w).end() && words.get(w).start() < span.end()) {
          ofToken[token] = w;
        }
      }
    }
    var given = new int[words.size()];
    Arrays.fill(given, NONE);
    var ranges = new ArrayList<int[]>();
    for (int token = 0; token < ofToken.length; ) {
      int end = token + 1;
      while (end < ofToken.length && ofToken[token] != NONE && ofToken[end] == ofToken[token]) {
        end++;
      }
      if (ofToken[token] != NONE) {
        given[ofToken[token]] = ranges.size();
      }
      ranges.add(new int[] {token, end, ofToken[token] == NONE ? 0 : 1});
      token = end;
    }
    // Words within one token (of a contraction that is written as one) share it.
    for (int w = 0; w < given.length; w++) {
      for (int other = 0; given[w] == NONE && other < given.length; other++) {
        Span one = words.get(w);
        Span two = words.get(other);
        if (given[other] != NONE && one.start() < two.end() && two.start() < one.end()) {
          given[w] = given[other];
        }
      }
    }
    return new Units(text, ranges, given);
  }

  int count() {
    return from.length;
  }

  /** Its first token. */
  int first(int unit) {
    return from[unit];
  }

  int size(int unit) {
    return to[unit] - from[unit];
  }

  int tokens() {
    return tokens;
  }

  boolean special(int unit) {
    return special[unit];
  }

  /** Whether it is a word, and no mark or special token. */
  boolean word(int unit) {
    return word[unit];
  }

  /** As it is written; empty for a special token. */
  String text(int unit) {
    return texts[unit];
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
    int units = from.length;
    int at = head * tokens * tokens;
    if (units == tokens) {
      System.arraycopy(attention, at, into, 0, units * units);
      return;
    }
    for (int query = 0; query < units; query++) {
      int row = query * units;
      Arrays.fill(into, row, row + units, 0);
      for (int token = from[query]; token < to[query]; token++) {
        int start = at + token * tokens;
        for (int key = 0; key < units; key++) {
          float sum = 0;
          for (int k = from[key]; k < to[key]; k++) {
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
