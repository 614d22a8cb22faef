package io.polyseme.train;

import io.polyseme.lexicon.ChineseSegmenter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cuts blocks of UTF-8 into words without making a string of any. What is not UTF-8 stands between
 * words, and is counted. For one thread at a time; what it returns is the caller's.
 */
final class BlockTokenizer {
  /** The longest word in bytes; what is longer was never one, and is left out and counted. */
  static final int LONGEST = 1 << 12;

  /** A bit for each of Unicode's categories of punctuation and symbols. */
  private static final int PUNCTUATION =
      1 << Character.CONNECTOR_PUNCTUATION
          | 1 << Character.DASH_PUNCTUATION
          | 1 << Character.START_PUNCTUATION
          | 1 << Character.END_PUNCTUATION
          | 1 << Character.INITIAL_QUOTE_PUNCTUATION
          | 1 << Character.FINAL_QUOTE_PUNCTUATION
          | 1 << Character.OTHER_PUNCTUATION
          | 1 << Character.MATH_SYMBOL
          | 1 << Character.CURRENCY_SYMBOL
          | 1 << Character.MODIFIER_SYMBOL
          | 1 << Character.OTHER_SYMBOL;

  private final TextRule rule;

  /**
   * What an ASCII character of a word becomes; 0 for one that stands between words, and less for
   * one that is a word of its own.
   */
  private final byte[] ascii = new byte[128];

  private final StringBuilder han = new StringBuilder();
  private Tokens tokens = new Tokens(0);
  private byte[] block = new byte[0];
  private int at;
  private int hash;

  BlockTokenizer(TextRule rule) {
    this.rule = rule;
    for (int c = 0; c < ascii.length; c++) {
      if (rule.tokenised() ? !Character.isWhitespace(c) && c != 0 : Character.isLetterOrDigit(c)) {
        ascii[c] = (byte) point(c);
      } else if (isKept(c)) {
        ascii[c] = (byte) -c;
      }
    }
  }

  /** The words of a block, in order; a sentence ends with an empty one. */
  static final class Tokens {
    byte[] bytes;
    int length;
    int[] ends;
    int[] hashes;
    int count;
    long invalid;
    long overlong;

    Tokens(int size) {
      bytes = new byte[size + 16];
      ends = new int[size / 4 + 16];
      hashes = new int[ends.length];
    }

    private void put(byte b) {
      if (length == bytes.length) {
        bytes = Arrays.copyOf(bytes, 2 * length);
      }
      bytes[length++] = b;
    }

    private void end(int hash) {
      if (count == ends.length) {
        ends = Arrays.copyOf(ends, 2 * count);
        hashes = Arrays.copyOf(hashes, 2 * count);
      }
      ends[count] = length;
      hashes[count++] = hash;
    }
  }

  Tokens cut(byte[] text) {
    tokens = new Tokens(text.length);
    block = text;
    hash = WordTable.NO_BYTES;
    at = 0;
    while (at < text.length) {
      byte b = text[at];
      if (b < 0) {
        beyondAscii();
        continue;
      }
      byte kept = ascii[b];
      if (kept > 0) {
        put(kept);
      } else {
        endWord();
        if (kept < 0) {
          put(b);
          endWord();
        }
        if (b == '\n' || b == '\r') {
          tokens.end(0);
        }
      }
      at++;
    }
    endWord();
    Tokens done = tokens;
    tokens = new Tokens(0);
    block = new byte[0];
    return done;
  }

  private void put(byte b) {
    tokens.put(b);
    hash = WordTable.hash(hash, b);
  }

  private void endWord() {
    int start = tokens.count == 0 ? 0 : tokens.ends[tokens.count - 1];
    int length = tokens.length - start;
    if (length == 0) {
      return;
    }
    if (length > LONGEST) {
      tokens.overlong++;
      tokens.length = start;
    } else if (rule.numbers() == NumberPolicy.DROP
        && !rule.tokenised()
        && Character.isDigit(first(start))) {
      tokens.length = start;
    } else {
      tokens.end(hash);
    }
    hash = WordTable.NO_BYTES;
  }

  private int first(int start) {
    byte b = tokens.bytes[start];
    return b >= 0
        ? b
        : new String(
                tokens.bytes, start, Math.min(4, tokens.length - start), StandardCharsets.UTF_8)
            .codePointAt(0);
  }

  /** What a code point of a word becomes. */
  private int point(int point) {
    if (rule.numbers() == NumberPolicy.ZEROS && !rule.tokenised() && Character.isDigit(point)) {
      return '0';
    }
    return rule.lowerCase() ? Character.toLowerCase(point) : point;
  }

  private void beyondAscii() {
    int point = next();
    if (point < 0) {
      tokens.invalid++;
      endWord();
    } else if (rule.tokenised()
        ? Character.isWhitespace(point) || Character.isSpaceChar(point)
        : !isWord(point)) {
      endWord();
      if (isKept(point)) {
        write(point);
        endWord();
      }
    } else if (rule.chinese() && !rule.tokenised() && isHan(point)) {
      endWord();
      chinese(point);
    } else {
      write(point(point));
    }
  }

  /** Reads a character; -1 for a byte that is not part of one. */
  private int next() {
    int first = block[at++];
    int more = first >= (byte) 0xF0 ? 3 : first >= (byte) 0xE0 ? 2 : first >= (byte) 0xC2 ? 1 : 0;
    if (more == 0 || at + more > block.length) {
      return -1;
    }
    int point = first & (0x3F >> more);
    for (int i = 0; i < more; i++) {
      int b = block[at + i];
      if ((b & 0xC0) != 0x80) {
        return -1;
      }
      point = point << 6 | b & 0x3F;
    }
    boolean shorter = more == 2 && point < 0x800 || more == 3 && point < 0x10000;
    if (shorter || point > Character.MAX_CODE_POINT || point >= 0xD800 && point <= 0xDFFF) {
      return -1;
    }
    at += more;
    return point;
  }

  private void write(int point) {
    if (point < 0x80) {
      put((byte) point);
      return;
    }
    if (point < 0x800) {
      put((byte) (0xC0 | point >> 6));
    } else {
      if (point < 0x10000) {
        put((byte) (0xE0 | point >> 12));
      } else {
        put((byte) (0xF0 | point >> 18));
        put((byte) (0x80 | point >> 12 & 0x3F));
      }
      put((byte) (0x80 | point >> 6 & 0x3F));
    }
    put((byte) (0x80 | point & 0x3F));
  }

  private static boolean isWord(int point) {
    if (Character.isLetterOrDigit(point)) {
      return true;
    }
    int type = Character.getType(point);
    return type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK
        || type == Character.ENCLOSING_MARK;
  }

  private boolean isKept(int point) {
    return rule.punctuation() == PunctuationPolicy.KEEP
        && !rule.tokenised()
        && (PUNCTUATION >>> Character.getType(point) & 1) != 0;
  }

  private static boolean isHan(int point) {
    return point >= 0x4E00 && point <= 0x9FFF
        || point >= 0x3400 && Character.UnicodeScript.of(point) == Character.UnicodeScript.HAN;
  }

  /** Cuts the run of Chinese characters that begins with this one. */
  private void chinese(int first) {
    han.setLength(0);
    han.appendCodePoint(first);
    while (at < block.length && block[at] < 0) {
      int before = at;
      int point = next();
      if (point < 0 || !Character.isLetter(point) || !isHan(point)) {
        at = before;
        break;
      }
      han.appendCodePoint(point);
    }
    for (String word : ChineseSegmenter.cut(han.toString())) {
      word.codePoints().forEach(this::write);
      endWord();
    }
  }
}
