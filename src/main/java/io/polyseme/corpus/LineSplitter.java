package io.polyseme.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Lines as bytes, ended as {@link java.io.BufferedReader#readLine()} has them end. */
final class LineSplitter {
  /** The longest line that is read, in bytes. */
  static final int LONGEST = 1 << 28;

  private final InputStream in;
  private byte[] buffer = new byte[1 << 16];
  private int from;
  private int to;
  private boolean afterReturn;
  private long consumed;

  LineSplitter(InputStream in) {
    this.in = in;
  }

  /** How many bytes were gone through, line ends included. */
  long consumed() {
    return consumed;
  }

  /**
   * Passes over these bytes if they come next.
   *
   * @param bytes few
   */
  void passOver(byte... bytes) throws IOException {
    while (to - from < bytes.length && fill()) {
      // one read may bring less than is asked for
    }
    if (to - from >= bytes.length
        && Arrays.equals(buffer, from, from + bytes.length, bytes, 0, bytes.length)) {
      take(bytes.length);
    }
  }

  /** The next line, valid until the next call; null after the last. */
  @org.jspecify.annotations.Nullable
  ByteBuffer next() throws IOException {
    if (afterReturn) {
      afterReturn = false;
      if ((from < to || fill()) && buffer[from] == '\n') {
        take(1);
      }
    }
    int looked = 0;
    while (true) {
      for (int i = from + looked; i < to; i++) {
        byte b = buffer[i];
        if (b == '\n' || b == '\r') {
          ByteBuffer line = ByteBuffer.wrap(buffer, from, i - from);
          take(i + 1 - from);
          afterReturn = b == '\r';
          return line;
        }
      }
      looked = to - from;
      if (!fill()) {
        if (looked == 0) {
          return null;
        }
        ByteBuffer line = ByteBuffer.wrap(buffer, from, looked);
        take(looked);
        return line;
      }
    }
  }

  private void take(int bytes) {
    from += bytes;
    consumed += bytes;
  }

  /** Reads further bytes behind those that are there. */
  private boolean fill() throws IOException {
    if (from > 0) {
      System.arraycopy(buffer, from, buffer, 0, to - from);
      to -= from;
      from = 0;
    }
    if (to == buffer.length) {
      if (to >= LONGEST) {
        throw new IOException("a line is longer than " + (LONGEST >> 20) + " MB");
      }
      buffer = Arrays.copyOf(buffer, to * 2);
    }
    int read = in.read(buffer, to, buffer.length - to);
    if (read > 0) {
      to += read;
    }
    return read > 0;
  }
}
