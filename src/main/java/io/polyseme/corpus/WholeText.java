package io.polyseme.corpus;

import io.polyseme.PolysemeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file or stream that is one text in UTF-8, packed with gzip or not, read as it is needed. A byte
 * order mark at its beginning is no part of the text.
 *
 * <p>What cannot be read is a {@link PolysemeException} that says which file it is. Not
 * thread-safe. Closed by whoever opened it.
 */
public final class WholeText extends Reader {
  private static final int BUFFER = 1 << 16;

  private final String name;
  private final @Nullable Path file;
  private final CountingStream bytes;
  private final BufferedReader in;

  private WholeText(String name, @Nullable Path file, InputStream source) throws IOException {
    this.name = name;
    this.file = file;
    this.bytes = new CountingStream(source);
    this.in =
        new BufferedReader(
            new InputStreamReader(
                bytes.unpacked(),
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)),
            BUFFER);
    in.mark(1);
    if (in.read() != '\uFEFF') {
      in.reset();
    }
  }

  /**
   * Opens a file.
   *
   * @throws PolysemeException if it is not there, a folder, or damaged at its start
   */
  public static WholeText open(Path file) {
    if (Files.isDirectory(file)) {
      throw new PolysemeException(file + " is a folder, and a file of text is needed");
    }
    try {
      InputStream source = Files.newInputStream(file);
      try {
        return new WholeText(file.toString(), Files.isRegularFile(file) ? file : null, source);
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

  /**
   * Reads a stream; closing the text closes it.
   *
   * @param name what messages call it
   * @throws PolysemeException if it is damaged at its start
   */
  public static WholeText of(InputStream in, String name) {
    try {
      return new WholeText(name, null, in);
    } catch (IOException e) {
      throw CorpusReader.unreadable(name, e);
    }
  }

  /** What messages call it: the file, or the name that was given for a stream. */
  public String name() {
    return name;
  }

  /** The file; null for a stream or pipe. */
  public @Nullable Path file() {
    return file;
  }

  /** The length of the file in bytes, packed as it is; -1 for a stream or pipe. */
  public long length() {
    try {
      return file == null ? -1 : Files.size(file);
    } catch (IOException e) {
      throw CorpusReader.unreadable(name, e);
    }
  }

  /** How much of the file, as it lies there, was read, in bytes; somewhat ahead of the text. */
  public long position() {
    return bytes.count();
  }

  /**
   * What is to come, read ahead and not taken.
   *
   * @param characters how many UTF-16 units of it at most, at least 1
   */
  public String sample(int characters) {
    try {
      in.mark(characters);
      var sample = new char[characters];
      int length = 0;
      int n = 0;
      while (n >= 0 && length < characters) {
        n = in.read(sample, length, characters - length);
        length += Math.max(n, 0);
      }
      in.reset();
      return new String(sample, 0, length);
    } catch (IOException e) {
      throw CorpusReader.unreadable(name, e);
    }
  }

  @Override
  public int read(char[] to, int at, int length) {
    try {
      return in.read(to, at, length);
    } catch (IOException e) {
      throw CorpusReader.unreadable(name, e);
    }
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
