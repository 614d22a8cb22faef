package io.polyseme.train.transformer;

import java.util.Arrays;
import java.util.List;

/**
 * The words of a text as Hugging Face's {@code BertNormalizer} (clean text, Chinese characters
 * apart, accents kept) and {@code BertPreTokenizer} make them: control characters, formats and
 * private use are removed, white space and punctuation part words, every Chinese character is one.
 * For one thread.
 *
 * <p>See Devlin et al., "BERT" (2019), and the tokenization of its code.
 */
final class BertWords {
  /** Special tokens, by id; a text that has one of them written out has the token there. */
  static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

  /**
   * Punctuation and formats by Unicode today that those tokenizers, whose tables are of Unicode 8,
   * take for letters: first and last of each range.
   */
  private static final int[] LETTERS_THERE = {
    0x61d, 0x61d, 0x890, 0x891, 0x8e2, 0x8e2, 0x9fd, 0x9fd, 0xa76, 0xa76, 0xc77, 0xc77, 0xc84,
    0xc84, 0x1b4e, 0x1b4f, 0x1b7d, 0x1b7f, 0x2e43, 0x2e4f, 0x2e52, 0x2e5d, 0x10d6e, 0x10d6e,
    0x10ead, 0x10ead, 0x10f55, 0x10f59, 0x10f86, 0x10f89, 0x110cd, 0x110cd, 0x113d4, 0x113d5,
    0x113d7, 0x113d8, 0x1144b, 0x1144f, 0x1145a, 0x1145b, 0x1145d, 0x1145d, 0x11660, 0x1166c,
    0x116b9, 0x116b9, 0x1183b, 0x1183b, 0x11944, 0x11946, 0x119e2, 0x119e2, 0x11a3f, 0x11a46,
    0x11a9a, 0x11a9c, 0x11a9e, 0x11aa2, 0x11b00, 0x11b09, 0x11be1, 0x11be1, 0x11c41, 0x11c45,
    0x11c70, 0x11c71, 0x11ef7, 0x11ef8, 0x11f43, 0x11f4f, 0x11fff, 0x11fff, 0x12ff1, 0x12ff2,
    0x13430, 0x1343f, 0x16d6d, 0x16d6f, 0x16e97, 0x16e9a, 0x16fe2, 0x16fe2, 0x1e5ff, 0x1e5ff,
    0x1e95e, 0x1e95f
  };

  /** Dotted capital I, the only character that becomes two in lower case. */
  private static final int DOTTED_I = 0x130;

  /** What is done with a character. */
  private enum Kind {
    KEPT,
    REMOVED,
    WHITE,
    ALONE
  }

  /** Takes words. */
  @FunctionalInterface
  interface Sink {
    /**
     * @param units of UTF-16, valid during the call only
     * @param length how many of them are the word
     * @param characters how many code points that is
     */
    void word(char[] units, int length, int characters);
  }

  private final boolean lowerCase;
  private final Kind[] ascii = new Kind[0x80];
  private char[] units = new char[256];
  private int length;
  private int characters;

  BertWords(boolean lowerCase) {
    this.lowerCase = lowerCase;
    Arrays.setAll(ascii, BertWords::kind);
  }

  /** Gives all words of a text, in order. */
  void forEach(String text, Sink sink) {
    for (int at = 0; at < text.length(); ) {
      char c = text.charAt(at);
      int skipped = c == '[' ? special(text, at) : 0;
      if (skipped > 0) {
        close(sink);
        at += skipped;
        continue;
      }
      int point = c < 0x80 ? c : text.codePointAt(at);
      at += Character.charCount(point);
      switch (c < 0x80 ? ascii[c] : kind(point)) {
        case KEPT -> append(point);
        case REMOVED -> {}
        case WHITE -> close(sink);
        case ALONE -> {
          close(sink);
          append(point);
          close(sink);
        }
      }
    }
    close(sink);
  }

  /** How long the special token is that is written out here; 0 if none is. */
  private static int special(String text, int at) {
    for (String token : SPECIAL) {
      if (text.startsWith(token, at)) {
        return token.length();
      }
    }
    return 0;
  }

  private void append(int point) {
    if (length + 2 > units.length) {
      units = Arrays.copyOf(units, 2 * units.length);
    }
    if (!lowerCase) {
      length += Character.toChars(point, units, length);
    } else if (point == DOTTED_I) {
      units[length++] = 'i';
      units[length++] = '\u0307';
      characters++;
    } else {
      length += Character.toChars(Character.toLowerCase(point), units, length);
    }
    characters++;
  }

  private void close(Sink sink) {
    if (length > 0) {
      sink.word(units, length, characters);
      length = 0;
      characters = 0;
    }
  }

  private static Kind kind(int point) {
    if (point == '\t' || point == '\n' || point == '\r') {
      return Kind.WHITE;
    }
    if (point < 0x80) {
      return point == ' '
          ? Kind.WHITE
          : point < ' ' || point == 0x7f
              ? Kind.REMOVED
              : Character.isLetterOrDigit(point) ? Kind.KEPT : Kind.ALONE;
    }
    return switch (Character.getType(point)) {
      case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
          Kind.WHITE;
      // Half a surrogate pair is no character: it reaches the tokenizer as U+FFFD.
      case Character.CONTROL, Character.PRIVATE_USE, Character.SURROGATE -> Kind.REMOVED;
      case Character.FORMAT -> isLetterThere(point) ? Kind.KEPT : Kind.REMOVED;
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          isLetterThere(point) ? Kind.KEPT : Kind.ALONE;
      default ->
          point == 0xfffd
              ? Kind.REMOVED
              : isChinese(point) || isPunctuationThere(point) ? Kind.ALONE : Kind.KEPT;
    };
  }

  /** The blocks that BERT names, but for a gap that Hugging Face has (U+2B820 to U+2B91F). */
  private static boolean isChinese(int point) {
    return (point >= 0x4e00 && point <= 0x9fff)
        || (point >= 0x3400 && point <= 0x4dbf)
        || (point >= 0x20000 && point <= 0x2a6df)
        || (point >= 0x2a700 && point <= 0x2b81f)
        || (point >= 0x2b920 && point <= 0x2ceaf)
        || (point >= 0xf900 && point <= 0xfaff)
        || (point >= 0x2f800 && point <= 0x2fa1f);
  }

  /** What was punctuation in Unicode 8 and is not any more. */
  private static boolean isPunctuationThere(int point) {
    return point == 0x166d || point == 0x111c9;
  }

  private static boolean isLetterThere(int point) {
    int at = Arrays.binarySearch(LETTERS_THERE, point);
    // Between a first and a last lies an odd place.
    return at >= 0 || (-at - 1) % 2 == 1;
  }
}
