package io.polyseme.cli;

import io.polyseme.vector.Span;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows in columns that line up on a terminal, where a Chinese character is two columns wide. */
final class Table {
  private final List<String[]> rows = new ArrayList<>();

  Table row(String... cells) {
    rows.add(cells);
    return this;
  }

  /** The lines, columns two spaces apart; numbers to the right. */
  List<String> lines() {
    int columns = rows.stream().mapToInt(row -> row.length).max().orElse(0);
    var widths = new int[columns];
    for (String[] row : rows) {
      for (int c = 0; c < row.length; c++) {
        widths[c] = Math.max(widths[c], width(row[c]));
      }
    }
    var lines = new ArrayList<String>();
    for (String[] row : rows) {
      var line = new StringBuilder();
      for (int c = 0; c < row.length; c++) {
        String gap = " ".repeat(widths[c] - width(row[c]));
        boolean number = row[c].matches("[-+]?[0-9][0-9.,]*");
        line.append(c == 0 ? "" : "  ").append(number ? gap + row[c] : row[c] + gap);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** How many columns of a terminal a text takes (Unicode's East Asian Width, wide counts two). */
  static int width(String text) {
    int width = 0;
    BreakIterator characters = BreakIterator.getCharacterInstance(Locale.ROOT);
    characters.setText(text);
    int start = characters.first();
    for (int end = characters.next(); end != BreakIterator.DONE; end = characters.next()) {
      width += width(text.codePointAt(start));
      start = end;
    }
    return width;
  }

  private static int width(int point) {
    int type = Character.getType(point);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT
        || type == Character.CONTROL) {
      return 0;
    }
    boolean wide =
        point >= 0x1100
            && (point <= 0x115F
                || point >= 0x2E80 && point <= 0xA4CF && point != 0x303F
                || point >= 0xAC00 && point <= 0xD7A3
                || point >= 0xF900 && point <= 0xFAFF
                || point >= 0xFE30 && point <= 0xFE6F
                || point >= 0xFF00 && point <= 0xFF60
                || point >= 0xFFE0 && point <= 0xFFE6
                || point >= 0x20000 && point <= 0x3FFFD
                || Character.isEmojiPresentation(point));
    return wide ? 2 : 1;
  }

  /** The text without what would move a terminal's cursor or hide what stands there. */
  static String printable(String text) {
    var result = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              boolean harmless =
                  !Character.isISOControl(c)
                      && Character.getType(c) != Character.FORMAT
                      && Character.getType(c) != Character.SURROGATE;
              result.appendCodePoint(
                  harmless || c == 0x200D ? c : Character.isWhitespace(c) ? ' ' : '\uFFFD');
            });
    return result.toString();
  }

  /** At most this many columns, with an ellipsis where something is left out. */
  static String shortened(String text, int columns) {
    String clean = printable(text);
    if (width(clean) <= columns) {
      return clean;
    }
    var result = new StringBuilder();
    int used = 1;
    for (int i = 0; i < clean.length(); ) {
      int point = clean.codePointAt(i);
      used += width(point);
      if (used > columns) {
        break;
      }
      result.appendCodePoint(point);
      i += Character.charCount(point);
    }
    return result.append('…').toString();
  }

  /** At most so many columns of a text, with a part of it in the middle and set off by brackets. */
  static String around(String text, Span span, int columns) {
    String word = printable(span.of(text));
    int before = Math.max(0, (columns - width(word)) / 2);
    String left = printable(text.substring(0, span.start()));
    int cut = left.length();
    int width = 0;
    while (cut > 0 && width < before) {
      int point = left.codePointBefore(cut);
      cut -= Character.charCount(point);
      width += width(Character.toString(point));
    }
    String shownLeft = cut == 0 ? left : "…" + left.substring(cut);
    int room = columns - width(shownLeft) - width(word) - 2;
    String right = room < 2 ? "" : shortened(text.substring(span.end()), room);
    return shownLeft + "[" + word + "]" + right;
  }
}
