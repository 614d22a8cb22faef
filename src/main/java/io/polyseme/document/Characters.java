package io.polyseme.document;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What charset a text is in: what its byte order mark says; UTF-8 where that fits; UTF-16 where
 * every other byte is zero; else what Tika's detector (ICU's statistics of bytes) says.
 *
 * @param charset how to decode it
 * @param note what the person should know of that; empty for plain UTF-8
 */
record Characters(Charset charset, String note) {
  private static final int HEAD = 1 << 16;

  /** One wrong sequence among so many other than ASCII is damage, more of them another charset. */
  private static final int GOOD_TO_BAD = 20;

  /** Opens the bytes anew each time. */
  interface Bytes {
    InputStream open() throws IOException;
  }

  /**
   * Looks at a text, all of it.
   *
   * @throws SkipException if it is none
   */
  static Characters of(Bytes bytes) throws IOException {
    byte[] head;
    try (InputStream in = bytes.open()) {
      head = in.readNBytes(HEAD);
    }
    Charset marked = marked(head);
    if (marked != null) {
      return new Characters(
          marked, marked.equals(StandardCharsets.UTF_8) ? "" : "read as " + marked.name());
    }
    Charset wide = wide(head);
    if (wide != null) {
      return new Characters(wide, "read as " + wide.name());
    }
    if (isBinary(head)) {
      throw new SkipException("it is binary, and no text");
    }
    long other = 0;
    long bad = 0;
    try (Reader reader = replacing(bytes.open(), StandardCharsets.UTF_8)) {
      var buffer = new char[1 << 14];
      for (int n = reader.read(buffer); n >= 0; n = reader.read(buffer)) {
        for (int i = 0; i < n; i++) {
          other += buffer[i] >= 0x80 ? 1 : 0;
          bad += buffer[i] == '\uFFFD' ? 1 : 0;
        }
      }
    }
    if (bad * GOOD_TO_BAD <= other) {
      return new Characters(
          StandardCharsets.UTF_8,
          bad == 0 ? "" : "%,d places are not UTF-8 and are read as U+FFFD".formatted(bad));
    }
    Charset detected = DetectedCharset.of(head);
    return new Characters(detected, "not UTF-8; read as " + detected.name());
  }

  private static @org.jspecify.annotations.Nullable Charset marked(byte[] head) {
    if (begins(head, 0xEF, 0xBB, 0xBF)) {
      return StandardCharsets.UTF_8;
    }
    if (begins(head, 0xFF, 0xFE, 0, 0)) {
      return StandardCharsets.UTF_32LE;
    }
    if (begins(head, 0, 0, 0xFE, 0xFF)) {
      return StandardCharsets.UTF_32BE;
    }
    if (begins(head, 0xFF, 0xFE)) {
      return StandardCharsets.UTF_16LE;
    }
    return begins(head, 0xFE, 0xFF) ? StandardCharsets.UTF_16BE : null;
  }

  static boolean begins(byte[] head, int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (i >= head.length || (head[i] & 0xFF) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  /** UTF-16 without a mark, as texts of Latin letters and line ends show it. */
  private static @org.jspecify.annotations.Nullable Charset wide(byte[] head) {
    int[] zeros = new int[2];
    for (int i = 0; i < head.length; i++) {
      zeros[i & 1] += head[i] == 0 ? 1 : 0;
    }
    int pairs = head.length / 2;
    for (int half = 0; half < 2; half++) {
      if (pairs >= 4 && zeros[half] * 5 > pairs * 2 && zeros[1 - half] == 0) {
        Charset charset = half == 0 ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_16LE;
        if (fits(Arrays.copyOf(head, pairs * 2), charset)) {
          return charset;
        }
      }
    }
    return null;
  }

  private static boolean fits(byte[] bytes, Charset charset) {
    try {
      charset
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(java.nio.ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** Whether there are control characters that no text has. */
  static boolean isBinary(byte[] head) {
    int odd = 0;
    for (byte b : head) {
      if (b == 0) {
        return true;
      }
      odd +=
          b > 0 && b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1B
              ? 1
              : 0;
    }
    return odd * 20L > head.length;
  }

  /** The characters, without the mark; what is wrong in them becomes U+FFFD. */
  Reader read(InputStream in) throws IOException {
    Reader reader = new java.io.BufferedReader(replacing(in, charset), 1 << 16);
    reader.mark(1);
    if (reader.read() != '\uFEFF') {
      reader.reset();
    }
    return reader;
  }

  private static Reader replacing(InputStream in, Charset charset) {
    return new InputStreamReader(
        in,
        charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE));
  }
}
