package io.polyseme.encoder;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * SentencePiece's normalisation rules as a tokenizer's file has them ({@code
 * precompiled_charsmap}): the size in bytes of a double-array trie (Aoe 1989, in the layout of
 * darts-clone), its units, then the replacements, each ended by a zero byte.
 */
final class Charsmap {
  private final int[] units;
  private final byte[] replacements;

  private Charsmap(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
  }

  /** Null where the text is no such map; the tokenizer itself will say so. */
  static @Nullable Charsmap decode(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return null;
    }
    if (bytes.length < Integer.BYTES) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int size = buffer.getInt();
    if (size < Integer.BYTES || size % Integer.BYTES != 0 || size > buffer.remaining()) {
      return null;
    }
    var units = new int[size / Integer.BYTES];
    buffer.asIntBuffer().get(units);
    var replacements = new byte[buffer.remaining() - size];
    buffer.position(buffer.position() + size).get(replacements);
    return new Charsmap(units, replacements);
  }

  /** How many characters a character becomes; -1 where it stays as it is. */
  int length(int point) {
    int place = offset(units[0]);
    for (byte b : Character.toString(point).getBytes(StandardCharsets.UTF_8)) {
      place ^= b & 0xff;
      if (b == 0 || place >= units.length || (units[place] & 0x800000ff) != (b & 0xff)) {
        return -1;
      }
      boolean leaf = (units[place] >> 8 & 1) == 1;
      place ^= offset(units[place]);
      if (leaf) {
        return place < units.length ? replacement(units[place] & Integer.MAX_VALUE) : -1;
      }
    }
    return -1;
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }

  private int replacement(int from) {
    int count = 0;
    for (int at = from; at < replacements.length && replacements[at] != 0; at++) {
      if ((replacements[at] & 0xc0) != 0x80) {
        count++;
      }
    }
    return count;
  }
}
