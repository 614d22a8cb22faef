package io.polyseme.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes sentences of word numbers: each number plus 1, in groups of seven bits, the lowest first,
 * all but a number's last with the high bit set (LEB128); a sentence ends with a 0. Common words
 * have small numbers, so that a word takes 1.6 bytes of English text. As no number but 0 has a byte
 * 0, a sentence's beginning can be found from anywhere.
 */
final class IdWriter implements AutoCloseable {
  static final int END = 0;

  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
  private long written;

  IdWriter(Path file) throws IOException {
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
  }

  void word(int word) throws IOException {
    if (buffer.remaining() < 5) {
      flush();
    }
    int left = word + 1;
    while (left > 0x7F) {
      buffer.put((byte) (left | 0x80));
      left >>>= 7;
    }
    buffer.put((byte) left);
  }

  void end() throws IOException {
    if (!buffer.hasRemaining()) {
      flush();
    }
    buffer.put((byte) END);
  }

  /** How many bytes there are so far. */
  long length() {
    return written + buffer.position();
  }

  private void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      written += channel.write(buffer);
    }
    buffer.clear();
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      flush();
    }
  }
}
