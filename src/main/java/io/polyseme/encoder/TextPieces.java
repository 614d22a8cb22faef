package io.polyseme.encoder;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a text, as it is read, into pieces whose tokens and words are those of the whole: before
 * white space, best at line ends, or after East Asian punctuation. Each piece comes with some of
 * the text before and after it, since tokens depend on their neighbours. A run without such a place
 * that is longer than a piece is cut all the same, and the place is kept.
 */
final class TextPieces {
  /**
   * The usual length of a piece at most, and of what comes with it on each side, in UTF-16 units.
   */
  static final int SIZE = 1 << 16;

  static final int CONTEXT = 1 << 7;

  /**
   * A piece of a text.
   *
   * @param text the piece, with some of what stands before and after it; well-formed UTF-16
   * @param offset where this begins in the whole text
   * @param from where the piece begins in it
   * @param to where it ends in it, exclusive
   */
  record Piece(String text, int offset, int from, int to) {
    String own() {
      return text.substring(from, to);
    }
  }

  private final Reader reader;
  private final int size;
  private final char[] buffer;
  private final List<Integer> forcedCuts = new ArrayList<>();
  private int length;
  private int own;
  private long offset;
  private boolean ended;

  /**
   * @param size the greatest length of a piece
   */
  TextPieces(Reader reader, int size) {
    this.reader = reader;
    this.size = size;
    this.buffer = new char[CONTEXT + size + CONTEXT];
  }

  int size() {
    return size;
  }

  /** The places where no place to cut was found, so far. */
  List<Integer> forcedCuts() {
    return forcedCuts;
  }

  /** How much of the text the pieces so far are. */
  int characters() {
    return (int) (offset + own);
  }

  /**
   * The next piece; null after the last.
   *
   * @throws PolysemeException if the text is longer than places in it can be numbered
   */
  @Nullable Piece next() throws IOException {
    fill();
    if (length == own) {
      return null;
    }
    int to = length;
    int seen = length;
    boolean forced = false;
    if (length - own > size) {
      to = place();
      if (to < 0) {
        forced = true;
        to = anyPlace();
        forcedCuts.add((int) (offset + to));
      }
      seen = forced ? to : withoutHalf(Math.min(to + CONTEXT, length));
    }
    if (offset + seen > Integer.MAX_VALUE) {
      throw new PolysemeException(
          "the text is longer than the %,d UTF-16 units that one text may have"
              .formatted(Integer.MAX_VALUE));
    }
    var piece = new Piece(Encoder.wellFormed(new String(buffer, 0, seen)), (int) offset, own, to);
    int keep = forced ? to : Math.max(to - CONTEXT, 0);
    if (keep < to && Character.isLowSurrogate(buffer[keep])) {
      keep++;
    }
    System.arraycopy(buffer, keep, buffer, 0, length - keep);
    length -= keep;
    offset += keep;
    own = to - keep;
    return piece;
  }

  private void fill() throws IOException {
    while (!ended && length < buffer.length) {
      int n = reader.read(buffer, length, buffer.length - length);
      if (n < 0) {
        ended = true;
      } else {
        length += n;
      }
    }
  }

  /** A shorter end where this would part a pair of surrogates. */
  private int withoutHalf(int end) {
    return end < length
            && Character.isHighSurrogate(buffer[end - 1])
            && Character.isLowSurrogate(buffer[end])
        ? end - 1
        : end;
  }

  private interface Fits {
    boolean at(int place);
  }

  /** A place where the text can be cut without harm; -1 if there is none. */
  private int place() {
    int limit = own + size;
    int place = last(limit, limit - size / 4, p -> buffer[p] == '\n' && !isSpace(buffer[p - 1]));
    if (place < 0) {
      place = last(limit, own, p -> isSpace(buffer[p]) && !isSpace(buffer[p - 1]));
    }
    if (place < 0) {
      place = last(limit, own, p -> isWidePunctuation(buffer[p - 1]) && beginsWord(p));
    }
    if (place < 0) {
      place = last(limit, own, p -> isSpace(buffer[p]));
    }
    return place;
  }

  /** The best place in a run that has no good one. */
  private int anyPlace() {
    int limit = own + size;
    int place =
        last(
            limit,
            limit - size / 4,
            p -> !Character.isLetterOrDigit(buffer[p - 1]) && beginsWord(p));
    if (place < 0) {
      place = last(limit, limit - size / 4, p -> !joins(p));
    }
    return place < 0 ? withoutHalf(limit) : place;
  }

  private static int last(int limit, int after, Fits fits) {
    for (int p = limit; p > after; p--) {
      if (fits.at(p)) {
        return p;
      }
    }
    return -1;
  }

  private boolean beginsWord(int place) {
    return !Character.isLowSurrogate(buffer[place])
        && (Character.isHighSurrogate(buffer[place]) || Character.isLetterOrDigit(buffer[place]));
  }

  /** Whether what stands here belongs to the character before it. */
  private boolean joins(int place) {
    char c = buffer[place];
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT ->
          true;
      default -> Character.isLowSurrogate(c) || buffer[place - 1] == '\u200D';
    };
  }

  /** White space to every tokenizer. */
  private static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\u3000';
  }

  /** Punctuation of the blocks CJK Symbols and Punctuation and Halfwidth and Fullwidth Forms. */
  private static boolean isWidePunctuation(char c) {
    return (c >= '\u3001' && c <= '\u301F' || c >= '\uFF01' && c <= '\uFF65')
        && !Character.isLetterOrDigit(c)
        && switch (Character.getType(c)) {
          case Character.OTHER_PUNCTUATION, Character.END_PUNCTUATION -> true;
          default -> false;
        };
  }
}
