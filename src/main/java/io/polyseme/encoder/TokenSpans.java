package io.polyseme.encoder;

import java.text.BreakIterator;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes the offsets of a tokenizer point at the characters that its tokens stand for. Hugging
 * Face's tokenizers give offsets that do so for WordPiece, and not always for others; of what comes
 * from there this mends the following:
 *
 * <ul>
 *   <li>The space that is put before a text or a word as a marker ({@code ▁}, or {@code Ġ} where
 *       pieces are bytes) borrows the characters after it. A piece that is nothing but markers, and
 *       points at no white space, gets an empty place instead.
 *   <li>A piece includes the white space before it, or does not, as the file's settings have it.
 *       Here white space never belongs to a piece, unless there is nothing else in it.
 *   <li>A normaliser that composes characters (NFC, NFKC) points at the first of them only; one
 *       that replaces several characters points at the last. Such characters are taken as one: a
 *       token that has some of them has all.
 *   <li>The first byte-level piece after an added token begins one character late.
 *   <li>Where SentencePiece's rules remove a text's first characters, all offsets are too small;
 *       where they remove one after a character that becomes several, the last of these points at
 *       what was removed. Such characters are removed beforehand.
 * </ul>
 *
 * Starts and ends never decrease from token to token.
 *
 * @param bytes whether pieces are written byte by byte
 * @param composing whether the normaliser composes characters
 * @param replaced strings that the normaliser replaces as a whole
 * @param charsmap SentencePiece's rules; null where the tokenizer has none
 */
record TokenSpans(
    boolean bytes, Composing composing, List<String> replaced, @Nullable Charsmap charsmap) {
  /** Which compositions a normaliser makes. */
  enum Composing {
    NONE,
    CANONICAL,
    COMPATIBILITY
  }

  private record Unit(int start, int end) {}

  /**
   * The places of a text that the tokenizer is to be given, because its offsets would be wrong with
   * the others; null where it is given the whole.
   */
  int @Nullable [] given(String text) {
    if (charsmap == null || text.chars().noneMatch(TokenSpans::isRemovable)) {
      return null;
    }
    var given = new int[text.length()];
    int count = 0;
    boolean lost = true;
    for (int at = 0; at < text.length(); ) {
      int point = text.codePointAt(at);
      int end = at + Character.charCount(point);
      int length = charsmap.length(point);
      if (!lost || length != 0 || !isRemovable(point)) {
        lost = length > 1;
        for (int unit = at; unit < end; unit++) {
          given[count++] = unit;
        }
      }
      at = end;
    }
    return count == given.length ? null : Arrays.copyOf(given, count);
  }

  private static boolean isRemovable(int point) {
    int type = Character.getType(point);
    return type == Character.CONTROL || type == Character.FORMAT;
  }

  /**
   * Mends spans in place.
   *
   * @param starts and {@code ends}: in UTF-16 units of the text
   */
  void mend(String text, String[] pieces, int[] starts, int[] ends) {
    widen(units(text), starts, ends);
    dropMarkers(text, pieces, starts, ends);
    if (bytes) {
      startAfterLast(text, starts, ends);
    }
    trim(text, starts, ends);
    order(starts, ends);
  }

  private char marker() {
    return bytes ? 'Ġ' : '▁';
  }

  private void dropMarkers(String text, String[] pieces, int[] starts, int[] ends) {
    char marker = marker();
    for (int i = 0; i < pieces.length; i++) {
      if (isOnly(marker, pieces[i])) {
        int start = starts[i];
        while (start < ends[i] && !isMarked(marker, text.charAt(start))) {
          start++;
        }
        int end = start;
        while (end < ends[i] && isMarked(marker, text.charAt(end))) {
          end++;
        }
        starts[i] = start < end ? start : starts[i];
        ends[i] = start < end ? end : starts[i];
      }
    }
  }

  private static boolean isMarked(char marker, char c) {
    return isWhite(c) || c == marker;
  }

  private static boolean isOnly(char marker, String piece) {
    for (int i = 0; i < piece.length(); i++) {
      if (piece.charAt(i) != marker) {
        return false;
      }
    }
    return !piece.isEmpty();
  }

  /** Stretches of the text that the normaliser changes as a whole, in order. */
  private List<Unit> units(String text) {
    var units = new ArrayList<Unit>();
    for (String literal : replaced) {
      for (int at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
        units.add(new Unit(at, at + literal.length()));
        at += literal.length() - 1;
      }
    }
    Normalizer.Form form =
        composing == Composing.COMPATIBILITY ? Normalizer.Form.NFKC : Normalizer.Form.NFC;
    if (composing != Composing.NONE && !Normalizer.isNormalized(text, form)) {
      // No composition reaches beyond a grapheme cluster.
      BreakIterator clusters = BreakIterator.getCharacterInstance(Locale.ROOT);
      clusters.setText(text);
      int start = clusters.first();
      for (int end = clusters.next(); end != BreakIterator.DONE; end = clusters.next()) {
        if (text.codePointCount(start, end) > 1
            && !Normalizer.isNormalized(text.substring(start, end), form)) {
          units.add(new Unit(start, end));
        }
        start = end;
      }
    }
    if (!replaced.isEmpty()) {
      units.sort(Comparator.comparingInt(Unit::start));
    }
    return units;
  }

  private static void widen(List<Unit> units, int[] starts, int[] ends) {
    if (units.isEmpty()) {
      return;
    }
    for (int i = 0; i < starts.length; i++) {
      if (starts[i] == ends[i]) {
        continue;
      }
      int start = starts[i];
      int end = ends[i];
      for (int u = firstEndingAfter(units, start);
          u < units.size() && units.get(u).start < end;
          u++) {
        starts[i] = Math.min(starts[i], units.get(u).start);
        ends[i] = Math.max(ends[i], units.get(u).end);
      }
    }
  }

  private static int firstEndingAfter(List<Unit> units, int place) {
    int low = 0;
    int high = units.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (units.get(middle).end > place) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Every character that is not white has its bytes in some piece: what none has is the next's. */
  private static void startAfterLast(String text, int[] starts, int[] ends) {
    int last = 0;
    for (int i = 0; i < starts.length; i++) {
      if (starts[i] < ends[i]) {
        int start = starts[i];
        while (start > last && !isWhite(text.charAt(start - 1))) {
          start--;
        }
        starts[i] = start;
      }
      last = Math.max(last, ends[i]);
    }
  }

  private static void trim(String text, int[] starts, int[] ends) {
    for (int i = 0; i < starts.length; i++) {
      int start = starts[i];
      int end = ends[i];
      while (start < end && isWhite(text.charAt(start))) {
        start++;
      }
      while (end > start && isWhite(text.charAt(end - 1))) {
        end--;
      }
      if (start < end) {
        starts[i] = start;
        ends[i] = end;
      }
    }
  }

  /** Unicode's White_Space. */
  private static boolean isWhite(char c) {
    return Character.isSpaceChar(c) || (c >= '\t' && c <= '\r') || c == '\u0085';
  }

  private static void order(int[] starts, int[] ends) {
    for (int i = starts.length - 2; i >= 0; i--) {
      boolean empty = starts[i] == ends[i];
      starts[i] = Math.min(starts[i], starts[i + 1]);
      ends[i] = empty ? starts[i] : ends[i];
    }
    for (int i = 1; i < ends.length; i++) {
      ends[i] = Math.max(ends[i], ends[i - 1]);
      starts[i] = Math.max(starts[i], starts[i - 1]);
    }
  }
}
