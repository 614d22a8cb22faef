package io.polyseme.corpus;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines as blocks of bytes, packed with gzip or not, for what goes through all of a large
 * text: nothing is decoded and no line is looked at. A block ends where a line does; of a line that
 * is longer than a block, behind a space or tab if it has one, and else behind a whole character of
 * UTF-8. A byte order mark at the beginning is no part of the text.
 *
 * <p>Not thread-safe. Closed by whoever opened it.
 */
public final class TextBlocks implements AutoCloseable {
  /** The longest character in UTF-8. */
  private static final int LONGEST_CHARACTER = 4;

  private final String name;
  private final CountingStream counter;
  private final InputStream in;
  private final int size;
  private byte[] left = new byte[0];
  private boolean begun;
  private boolean ended;

  private TextBlocks(String name, InputStream source, int size) throws IOException {
    this.name = name;
    this.counter = new CountingStream(source);
    this.in = counter.unpacked();
    this.size = size;
  }

  /**
   * Opens a file.
   *
   * @param size of a block in bytes, at least 16; none is longer
   * @throws PolysemeException if it is not there, a folder, or damaged at its start
   */
  public static TextBlocks open(Path file, int size) {
    if (size < 16) {
      throw new IllegalArgumentException("a block has at least 16 bytes: " + size);
    }
    if (Files.isDirectory(file)) {
      throw new PolysemeException(file + " is a folder, and a file of text is needed");
    }
    try {
      InputStream source = Files.newInputStream(file);
      try {
        return new TextBlocks(file.toString(), source, size);
      } catch (IOException | RuntimeException e) {
        source.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw new PolysemeException("there is no file " + file, e);
    } catch (IOException e) {
      throw CorpusReader.unreadable(file.toString(), e);
    }
  }

  /** How much of the file, as it lies there, was read, in bytes. */
  public long position() {
    return counter.count();
  }

  /**
   * The next block, the caller's; null after the last.
   *
   * @throws PolysemeException if the file cannot be read on
   */
  public byte @Nullable [] next() {
    if (ended) {
      return null;
    }
    try {
      byte[] block = Arrays.copyOf(left, size);
      int length = left.length;
      int read = in.readNBytes(block, length, size - length);
      length += read;
      ended = length < size;
      int from = 0;
      if (!begun) {
        begun = true;
        from =
            length >= 3
                    && block[0] == (byte) 0xEF
                    && block[1] == (byte) 0xBB
                    && block[2] == (byte) 0xBF
                ? 3
                : 0;
      }
      if (ended) {
        return length == from ? null : Arrays.copyOfRange(block, from, length);
      }
      int end = end(block, from);
      left = Arrays.copyOfRange(block, end, length);
      return Arrays.copyOfRange(block, from, end);
    } catch (IOException e) {
      throw CorpusReader.unreadable(name, e);
    }
  }

  /** Where a full block is best cut. */
  private static int end(byte[] block, int from) {
    for (int i = block.length - 1; i >= from; i--) {
      if (block[i] == '\n' || block[i] == '\r') {
        return i + 1;
      }
    }
    for (int i = block.length - 1; i >= from; i--) {
      if (block[i] == ' ' || block[i] == '\t') {
        return i + 1;
      }
    }
    // Before the first byte of the last character, which may go on in the next block.
    for (int i = block.length - 1; i >= block.length - LONGEST_CHARACTER; i--) {
      if ((block[i] & 0xC0) != 0x80) {
        return i;
      }
    }
    return block.length;
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw CorpusReader.unreadable(name, e);
    }
  }
}
