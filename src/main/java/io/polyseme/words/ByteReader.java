package io.polyseme.words;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Reads little-endian numbers and words from a source, ahead in large pieces. Not thread-safe. */
final class ByteReader {
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final VectorSource source;
  private byte[] buffer = new byte[1 << 16];
  private MemorySegment memory = MemorySegment.ofArray(buffer);
  private int at;
  private int limit;

  ByteReader(VectorSource source) {
    this.source = source;
  }

  /** Where the next byte is in the unpacked file. */
  long position() {
    return source.position() - (limit - at);
  }

  /** Whether so many bytes are there; reads them ahead. */
  boolean has(int count) {
    if (limit - at >= count) {
      return true;
    }
    int rest = limit - at;
    byte[] old = buffer;
    if (buffer.length < count) {
      buffer = new byte[Math.max(count, 2 * buffer.length)];
      memory = MemorySegment.ofArray(buffer);
    }
    System.arraycopy(old, at, buffer, 0, rest);
    at = 0;
    limit = rest;
    while (limit < count) {
      int n = source.read(buffer, limit, buffer.length - limit);
      if (n < 0) {
        return false;
      }
      limit += n;
    }
    return true;
  }

  /** The bytes that {@link #has} read; the next is at {@link #at()}. */
  byte[] bytes() {
    return buffer;
  }

  int at() {
    return at;
  }

  /** Moves on over bytes that are there. */
  void skip(int count) {
    at += count;
  }

  /** Moves on; returns whether there were so many bytes. */
  boolean skipFar(long count) {
    for (long left = count; left > 0; ) {
      int step = (int) Math.min(left, 1 << 16);
      if (!has(step)) {
        return false;
      }
      at += step;
      left -= step;
    }
    return true;
  }

  /**
   * How far the next such byte is from here.
   *
   * @return -1 if it is not within {@code most} bytes or the file ends before it
   */
  int find(byte wanted, int most) {
    for (int length = 0; length < most; length++) {
      if (at + length == limit && !has(length + 1)) {
        return -1;
      }
      if (buffer[at + length] == wanted) {
        return length;
      }
    }
    return -1;
  }

  byte nextByte() {
    return buffer[at++];
  }

  int nextInt() {
    at += Integer.BYTES;
    return memory.get(INT, at - Integer.BYTES);
  }

  long nextLong() {
    at += Long.BYTES;
    return memory.get(LONG, at - Long.BYTES);
  }

  double nextDouble() {
    at += Double.BYTES;
    return memory.get(DOUBLE, at - Double.BYTES);
  }

  void nextFloats(float[] into, int from, int count) {
    MemorySegment.copy(memory, FLOAT, at, into, from, count);
    at += Float.BYTES * count;
  }

  byte[] copy(int count) {
    return Arrays.copyOfRange(buffer, at, at + count);
  }
}
