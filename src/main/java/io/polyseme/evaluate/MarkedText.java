package io.polyseme.evaluate;

import io.polyseme.vector.Span;
import io.polyseme.vector.Term;

/** Texts whose word stands between marks. */
final class MarkedText {
  private MarkedText() {}

  /** The text without the marks and the white space within them. */
  static Term.Usage usage(
      TestFile file, TestFile.Line line, String text, String open, String close) {
    int from = text.indexOf(open);
    int to = text.indexOf(close, Math.max(0, from));
    String word = from < 0 || to < 0 ? "" : text.substring(from + open.length(), to).strip();
    if (word.isEmpty()) {
      throw file.malformed(line, "a context has no word between %s and %s".formatted(open, close));
    }
    String before = text.substring(0, from);
    return new Term.Usage(
        before + word + text.substring(to + close.length()),
        new Span(before.length(), before.length() + word.length()));
  }
}
