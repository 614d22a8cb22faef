package io.polyseme.words;

import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file of word vectors as a stream of bytes, unpacked where it is packed, whose head can be
 * looked at first. Not thread-safe; closed by whoever opened it.
 */
final class VectorSource implements AutoCloseable {
  /** How much of the unpacked file can be looked at before it is read. */
  static final int HEAD = 1 << 20;

  private static final int PACKED_BUFFER = 1 << 16;

  private final Path file;
  private final long length;
  private final String compression;
  private final boolean lenient;
  private final Progress progress;
  private final Counter packed;
  private final InputStream in;
  private final byte[] head;
  private int headAt;
  private long position;
  private String damage = "";

  private VectorSource(
      Path file,
      long length,
      String compression,
      boolean lenient,
      Progress progress,
      Counter packed,
      InputStream in)
      throws IOException {
    this.file = file;
    this.length = length;
    this.compression = compression;
    this.lenient = lenient;
    this.progress = progress;
    this.packed = packed;
    this.in = in;
    byte[] first = new byte[(int) Math.min(HEAD, compression.isEmpty() ? length : HEAD)];
    int filled = 0;
    while (filled < first.length) {
      int read = fromStream(first, filled, first.length - filled);
      if (read < 0) {
        break;
      }
      filled += read;
    }
    this.head = filled == first.length ? first : Arrays.copyOf(first, filled);
  }

  /**
   * Opens a file.
   *
   * @param lenient whether the stream just ends where a packed file is damaged; see {@link #damage}
   * @throws PolysemeException if it is not there, a folder, or cannot be unpacked at all
   */
  static VectorSource open(Path file, boolean lenient, Progress progress) {
    if (Files.isDirectory(file)) {
      throw new PolysemeException(
          file + " is a folder, and a file of word vectors is needed; give the file's own path");
    }
    if (!Files.exists(file)) {
      throw new PolysemeException("there is no file of word vectors " + file + "; check the path");
    }
    @Nullable Counter counter = null;
    try {
      long length = Files.size(file);
      String compression = compression(file);
      counter = new Counter(new FileInputStream(file.toFile()));
      InputStream in =
          switch (compression) {
            case "gzip" -> new GZIPInputStream(counter, PACKED_BUFFER);
            case "zstd" -> zstd(counter, file);
            default -> counter;
          };
      return new VectorSource(file, length, compression, lenient, progress, counter, in);
    } catch (IOException e) {
      close(counter);
      throw new PolysemeException("cannot read " + file + ": " + e + "; is it whole?", e);
    } catch (RuntimeException e) {
      close(counter);
      throw e;
    }
  }

  private static InputStream zstd(InputStream packed, Path file) throws IOException {
    try {
      return Zstd.unpack(packed);
    } catch (LinkageError e) {
      throw new PolysemeException(
          file
              + " is packed with zstd, and zstd-jni is not on the class path: add"
              + " com.github.luben:zstd-jni, or unpack the file first (zstd -d)",
          e);
    }
  }

  private static String compression(Path file) throws IOException {
    byte[] magic;
    try (InputStream in = Files.newInputStream(file)) {
      magic = in.readNBytes(4);
    }
    if (starts(magic, 0x1f, 0x8b)) {
      return "gzip";
    }
    return starts(magic, 0x28, 0xb5, 0x2f, 0xfd) ? "zstd" : "";
  }

  private static boolean starts(byte[] bytes, int... with) {
    if (bytes.length < with.length) {
      return false;
    }
    for (int i = 0; i < with.length; i++) {
      if ((bytes[i] & 0xff) != with[i]) {
        return false;
      }
    }
    return true;
  }

  private static void close(@Nullable InputStream in) {
    if (in != null) {
      try {
        in.close();
      } catch (IOException e) {
        // what made us close it is the error that counts
        System.getLogger(VectorSource.class.getName())
            .log(System.Logger.Level.DEBUG, "cannot close", e);
      }
    }
  }

  Path file() {
    return file;
  }

  /** {@code gzip}, {@code zstd} or empty. */
  String compression() {
    return compression;
  }

  /** Of the file as it lies there, in bytes. */
  long length() {
    return length;
  }

  /** How many unpacked bytes were read. */
  long position() {
    return position;
  }

  /** The first {@link #HEAD} unpacked bytes, fewer only where there are no more; not to change. */
  byte[] head() {
    return head;
  }

  /** Where a packed file stopped making sense, the end of a sentence; empty where it did not. */
  String damage() {
    return damage;
  }

  /** Tells how much of the file has been read. */
  void tell() {
    tell(packed.count);
  }

  /** Tells that so many bytes of the file have been read, by this or in other ways. */
  void tell(long bytes) {
    progress.update("reading word vectors", Math.min(bytes, length), length);
  }

  /**
   * Reads the next bytes.
   *
   * @return how many, at least 1; -1 at the end
   * @throws PolysemeException if the file cannot be read, or is packed and damaged
   */
  int read(byte[] into, int from, int count) {
    if (headAt < head.length) {
      int n = Math.min(count, head.length - headAt);
      System.arraycopy(head, headAt, into, from, n);
      headAt += n;
      position += n;
      return n;
    }
    int n = fromStream(into, from, count);
    position += Math.max(n, 0);
    return n;
  }

  private int fromStream(byte[] into, int from, int count) {
    if (!damage.isEmpty()) {
      return -1;
    }
    try {
      return in.read(into, from, count);
    } catch (IOException e) {
      if (compression.isEmpty()) {
        throw new PolysemeException("cannot read " + file + ": " + e, e);
      }
      damage =
          "its %s data are cut off or damaged after %d of %d bytes (%s)"
              .formatted(compression, Math.min(packed.count, length), length, e.getMessage());
      if (lenient) {
        return -1;
      }
      throw new PolysemeException(
          file + " cannot be unpacked: " + damage + "; fetch it again, or read it leniently", e);
    }
  }

  @Override
  public void close() {
    close(in);
  }

  /** Counts the bytes that are taken out of a file. */
  private static final class Counter extends FilterInputStream {
    private long count;

    Counter(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      int n = super.read(into, from, length);
      count += Math.max(n, 0);
      return n;
    }

    @Override
    public long skip(long n) throws IOException {
      long skipped = super.skip(n);
      count += skipped;
      return skipped;
    }
  }
}
