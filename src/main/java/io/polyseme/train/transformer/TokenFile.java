package io.polyseme.train.transformer;

import io.polyseme.PolysemeException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Texts as one row of token ids in a mapped file, two bytes each, a separator behind every text.
 * What is read of it is any stretch: texts are packed, and nothing is padded.
 */
final class TokenFile implements AutoCloseable {
  /** Ids must be below. */
  static final int MOST = 1 << 16;

  private static final ValueLayout.OfShort IDS =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Arena arena = Arena.ofShared();
  private final MemorySegment ids;

  private TokenFile(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      ids = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      arena.close();
      throw new PolysemeException("cannot read " + file + ": " + e, e);
    }
  }

  static TokenFile open(Path file) {
    return new TokenFile(file);
  }

  long size() {
    return ids.byteSize() / 2;
  }

  int id(long place) {
    return Short.toUnsignedInt(ids.get(IDS, 2 * place));
  }

  @Override
  public void close() {
    arena.close();
  }

  /** Writes such a file. */
  static final class Writer implements AutoCloseable {
    private final OutputStream out;
    private long written;

    Writer(Path file) throws IOException {
      this.out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 18);
    }

    /**
     * @throws UncheckedIOException if the disk is full, say
     */
    void add(int[] tokens, int separator) {
      try {
        for (int id : tokens) {
          add(id);
        }
        add(separator);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void add(int id) throws IOException {
      out.write(id);
      out.write(id >>> 8);
      written++;
    }

    long written() {
      return written;
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
