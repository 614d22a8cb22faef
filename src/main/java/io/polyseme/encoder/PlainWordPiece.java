package io.polyseme.encoder;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * BERT's tokens of plain texts, as the tokenizer itself makes them, many times as fast: a call of
 * the native tokenizer takes as long as a tenth of encoding a short text. Plain are ASCII without
 * control characters, Chinese characters and Chinese punctuation, which BERT's normaliser at most
 * sets in lower case; of any other text it gives nothing, and the tokenizer is to be asked.
 * Thread-safe.
 *
 * <p>See Devlin et al., "BERT" (2019), and the tokenization of its code: white space and
 * punctuation part words, every Chinese character is one, and a word is cut into the longest pieces
 * from its beginning (Wu et al., "Google's Neural Machine Translation System" (2016), section 4.1).
 */
final class PlainWordPiece {
  private static final char FIRST_HAN = '\u4e00';
  private static final char LAST_HAN = '\u9fff';

  /** Punctuation by Unicode that no normal form changes. */
  private static final String CHINESE_PUNCTUATION = "、。〈〉《》「」『』【】！（），：；？“”‘’—·";

  private record Piece(int id, String text) {}

  private final Map<String, Piece> initial = new HashMap<>();
  private final Map<String, Piece> continuing = new HashMap<>();
  private final Piece unknown;
  private final boolean lowerCase;
  private final String notPlain;
  private final int longestWord;
  private final int longestPiece;

  /**
   * What a {@code tokenizer.json} says of such a tokenizer.
   *
   * @param pieces from piece to id
   * @param unknown the unknown token
   * @param prefix of pieces that continue a word
   * @param longestWord in characters; a longer one is unknown
   * @param notPlain the first characters of added tokens, which are looked for before all else
   */
  record Rules(
      Map<String, Integer> pieces,
      String unknown,
      String prefix,
      int longestWord,
      boolean lowerCase,
      String notPlain) {}

  PlainWordPiece(Rules rules) {
    int longest = 0;
    for (Map.Entry<String, Integer> entry : rules.pieces.entrySet()) {
      String piece = entry.getKey();
      var value = new Piece(entry.getValue(), piece);
      initial.put(piece, value);
      longest = Math.max(longest, piece.length());
      if (piece.startsWith(rules.prefix) && piece.length() > rules.prefix.length()) {
        continuing.put(piece.substring(rules.prefix.length()), value);
      }
    }
    this.unknown = new Piece(rules.pieces.get(rules.unknown), rules.unknown);
    this.lowerCase = rules.lowerCase;
    this.notPlain = rules.notPlain;
    this.longestWord = rules.longestWord;
    this.longestPiece = longest;
  }

  /** The tokens of a plain text; null of any other. */
  @Nullable Tokens tokenize(String text) {
    char[] characters = plain(text);
    if (characters == null) {
      return null;
    }
    var found = new Found(text.length() / 3 + 8);
    int at = 0;
    while (at < characters.length) {
      char c = characters[at];
      if (c <= ' ') {
        at++;
      } else if (standsAlone(c)) {
        word(characters, at, ++at, found);
      } else {
        int start = at;
        while (at < characters.length && characters[at] > ' ' && !standsAlone(characters[at])) {
          at++;
        }
        word(characters, start, at, found);
      }
    }
    return found.tokens();
  }

  /** The characters as the normaliser leaves them; null if it does more than set lower case. */
  private char @Nullable [] plain(String text) {
    var characters = new char[text.length()];
    for (int i = 0; i < characters.length; i++) {
      char c = text.charAt(i);
      boolean plain =
          c < 0x7f
              ? c >= ' ' || c == '\t' || c == '\n' || c == '\r'
              : c >= FIRST_HAN && c <= LAST_HAN || CHINESE_PUNCTUATION.indexOf(c) >= 0;
      if (!plain || notPlain.indexOf(c) >= 0) {
        return null;
      }
      characters[i] = lowerCase && c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }
    return characters;
  }

  /** Whether a character is a word of its own: all punctuation, every Chinese character. */
  private static boolean standsAlone(char c) {
    return c > 0x7f || c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '`' || c >= '{';
  }

  private void word(char[] characters, int start, int end, Found found) {
    if (end - start > longestWord) {
      found.add(unknown, start, end);
      found.unknown++;
      return;
    }
    int before = found.count;
    int at = start;
    while (at < end) {
      Map<String, Piece> pieces = at == start ? initial : continuing;
      Piece piece = null;
      int to = Math.min(end, at + longestPiece);
      while (to > at && (piece = pieces.get(new String(characters, at, to - at))) == null) {
        to--;
      }
      if (piece == null) {
        found.count = before;
        found.add(unknown, start, end);
        found.unknown++;
        return;
      }
      found.add(piece, at, to);
      at = to;
    }
  }

  /** Tokens as they are found. */
  private static final class Found {
    int count;
    int unknown;
    private int[] ids;
    private int[] starts;
    private int[] ends;
    private String[] pieces;

    Found(int room) {
      ids = new int[room];
      starts = new int[room];
      ends = new int[room];
      pieces = new String[room];
    }

    void add(Piece piece, int start, int end) {
      if (count == ids.length) {
        resize(count * 2);
      }
      ids[count] = piece.id;
      starts[count] = start;
      ends[count] = end;
      pieces[count++] = piece.text;
    }

    private void resize(int length) {
      ids = Arrays.copyOf(ids, length);
      starts = Arrays.copyOf(starts, length);
      ends = Arrays.copyOf(ends, length);
      pieces = Arrays.copyOf(pieces, length);
    }

    Tokens tokens() {
      resize(count);
      return new Tokens(ids, starts, ends, pieces, unknown);
    }
  }
}
