package io.polyseme.words;

import java.nio.charset.StandardCharsets;

/** Whether bytes are UTF-8, and what becomes of those that are not. Thread-safe. */
final class Utf8 {
  private Utf8() {}

  /** Whether these bytes are valid UTF-8 (RFC 3629: no surrogates, no overlong forms). */
  static boolean valid(byte[] b, int from, int to) {
    int i = from;
    while (i < to) {
      int c = b[i];
      if (c >= 0) {
        i++;
        continue;
      }
      c &= 0xff;
      int more = c >= 0xc2 && c <= 0xdf ? 1 : c >> 4 == 0xe ? 2 : c >= 0xf0 && c <= 0xf4 ? 3 : 0;
      if (more == 0 || i + more >= to) {
        return false;
      }
      int second = b[i + 1] & 0xff;
      int least = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
      int most = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
      if (second < least || second > most) {
        return false;
      }
      for (int k = 2; k <= more; k++) {
        if ((b[i + k] & 0xc0) != 0x80) {
          return false;
        }
      }
      i += more + 1;
    }
    return true;
  }

  /** The UTF-8 of bytes that are none, as the options say; {@code ERROR} is the caller's. */
  static byte[] mend(byte[] b, int from, int to, ReadOptions.InvalidUtf8 policy) {
    var charset =
        policy == ReadOptions.InvalidUtf8.LATIN1
            ? StandardCharsets.ISO_8859_1
            : StandardCharsets.UTF_8;
    return new String(b, from, to - from, charset).getBytes(StandardCharsets.UTF_8);
  }
}
