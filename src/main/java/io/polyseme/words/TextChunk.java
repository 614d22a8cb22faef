package io.polyseme.words;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Some whole lines of text, each a word and {@code dimension} numbers with spaces or tabs between,
 * and what they hold. Used again and again; not thread-safe.
 */
final class TextChunk {
  private static final int MOST_QUOTED = 40;

  private final int dimension;
  private final Batch batch;
  private byte[] bytes;
  private int length;
  private int lines;

  TextChunk(int dimension, int capacity, ReadOptions options) {
    this.dimension = dimension;
    this.batch = new Batch(dimension, options);
    this.bytes = new byte[capacity];
  }

  byte[] bytes() {
    return bytes;
  }

  byte[] grow() {
    bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    return bytes;
  }

  /** How many bytes of {@link #bytes()} are text; the last must be a line feed. */
  void setLength(int length) {
    this.length = length;
  }

  int length() {
    return length;
  }

  Batch batch() {
    return batch;
  }

  /** How many lines were parsed. */
  int lines() {
    return lines;
  }

  /** Parses lines until so many words are found, or something that ends the reading. */
  TextChunk parse(long most) {
    batch.clear();
    lines = 0;
    int at = 0;
    while (at < length && batch.count() < most && !batch.ended()) {
      lines++;
      int next = plain(at);
      at = next < 0 ? unusual(at) : next;
    }
    return this;
  }

  /**
   * A line with a word without spaces, and the right number of numbers with one separator before
   * each, as nearly all are: parsed in one pass.
   *
   * @return where the next line begins; -1 if the line is not so
   */
  private int plain(int start) {
    byte[] b = bytes;
    int i = start;
    while (b[i] != ' ' && b[i] != '\t' && b[i] != '\n') {
      i++;
    }
    int wordEnd = i;
    if (wordEnd == start) {
      return -1;
    }
    float[] vectors = batch.vectors();
    int to = batch.next();
    for (int j = 0; j < dimension; j++) {
      if (b[i] != ' ' && b[i] != '\t') {
        return -1;
      }
      long number = FloatParser.parse(b, i + 1);
      if (number == FloatParser.NO_NUMBER) {
        return -1;
      }
      i = FloatParser.end(number);
      vectors[to + j] = FloatParser.value(number);
    }
    while (b[i] == ' ' || b[i] == '\t' || b[i] == '\r') {
      i++;
    }
    if (b[i] != '\n') {
      return -1;
    }
    batch.add(b, start, wordEnd, lines);
    return i + 1;
  }

  /** Any other line: its last fields are the numbers, and what is before them the word. */
  private int unusual(int start) {
    byte[] b = bytes;
    int lineEnd = start;
    while (b[lineEnd] != '\n') {
      lineEnd++;
    }
    int next = lineEnd + 1;
    int end = trimmed(start, lineEnd);
    if (end == start) {
      return next; // An empty line holds nothing that could be lost.
    }
    int first = start;
    while (separates(b[first])) {
      first++;
    }
    float[] vectors = batch.vectors();
    int to = batch.next();
    int numbers = 0;
    while (end > first) {
      int from = tokenStart(first, end);
      long number = FloatParser.parse(b, from);
      if (number == FloatParser.NO_NUMBER || FloatParser.end(number) != end) {
        break;
      }
      // Before the numbers, a whole number is part of the word ("catch 22"), and so is whatever the
      // line begins with; one with a point or an exponent is a number too many.
      if (numbers == dimension && (from == first || !isDecimal(from, end))) {
        break;
      }
      numbers++;
      if (numbers <= dimension) {
        vectors[to + dimension - numbers] = FloatParser.value(number);
      }
      end = trimmed(first, from);
    }
    if (numbers == dimension && end > first) {
      batch.add(b, first, end, lines);
    } else {
      batch.malformed(lines, trouble(first, end, numbers));
    }
    return next;
  }

  private String trouble(int first, int end, int numbers) {
    int fields = 0;
    for (int at = end; at > first; fields++) {
      at = trimmed(first, tokenStart(first, at));
    }
    if (fields == 0) {
      return "%d numbers and no word before them, where a word and %d numbers should be"
          .formatted(numbers, dimension);
    }
    if (numbers < dimension && fields - 1 + numbers >= dimension) {
      int from = tokenStart(first, end);
      int length = Math.min(end - from, MOST_QUOTED);
      return "\"%s\" is no number"
          .formatted(new String(bytes, from, length, StandardCharsets.UTF_8));
    }
    return "%d numbers instead of %d".formatted(numbers, dimension);
  }

  /** Whether the field has a point or an exponent. */
  private boolean isDecimal(int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == '.' || (bytes[i] | 0x20) == 'e') {
        return true;
      }
    }
    return false;
  }

  private int tokenStart(int first, int end) {
    int from = end;
    while (from > first && !separates(bytes[from - 1])) {
      from--;
    }
    return from;
  }

  private int trimmed(int first, int end) {
    int to = end;
    while (to > first && separates(bytes[to - 1])) {
      to--;
    }
    return to;
  }

  private static boolean separates(byte b) {
    return b == ' ' || b == '\t' || b == '\r';
  }
}
