package io.polyseme.train;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Reads what {@link IdWriter} wrote, from one place of a mapped file to another. For one thread.
 */
final class IdReader {
  /** There is nothing more. */
  static final int NONE = -2;

  /** A sentence has ended. */
  static final int END = -1;

  private final MemorySegment ids;
  private final byte[] buffer = new byte[1 << 14];
  private int at;
  private int filled;
  private long next;
  private long to;

  IdReader(MemorySegment ids) {
    this.ids = ids;
  }

  /** Reads a whole file, which is mapped until the arena is closed. */
  static IdReader open(Path file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      var reader =
          new IdReader(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
      reader.seek(0, channel.size());
      return reader;
    }
  }

  /**
   * Goes to a part of the file.
   *
   * @param from where a number begins
   * @param to where one ends
   */
  void seek(long from, long to) {
    next = from;
    this.to = to;
    at = 0;
    filled = 0;
  }

  /** The next word's number, {@link #END} or {@link #NONE}. */
  int next() {
    if (at == filled && !fill()) {
      return NONE;
    }
    byte b = buffer[at++];
    if (b >= 0) {
      return b - 1;
    }
    int number = b & 0x7F;
    for (int shift = 7; ; shift += 7) {
      if (at == filled && !fill()) {
        throw new IllegalStateException("a word's number is cut off");
      }
      b = buffer[at++];
      number |= (b & 0x7F) << shift;
      if (b >= 0) {
        return number - 1;
      }
    }
  }

  private boolean fill() {
    filled = (int) Math.min(buffer.length, to - next);
    at = 0;
    if (filled <= 0) {
      filled = 0;
      return false;
    }
    MemorySegment.copy(ids, ValueLayout.JAVA_BYTE, next, buffer, 0, filled);
    next += filled;
    return true;
  }
}
