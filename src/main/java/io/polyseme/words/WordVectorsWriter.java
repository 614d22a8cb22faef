package io.polyseme.words;

import com.carrotsearch.hppc.ObjectHashSet;
import io.polyseme.PolysemeException;
import io.polyseme.vector.SpaceInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * Writes a file of word vectors, word by word: the vectors go to disk at once, only the labels stay
 * on the heap. The file appears whole at {@link #commit()}, by an atomic rename; until then, and
 * where the writer is closed without it, what was there stays. Not thread-safe.
 */
public final class WordVectorsWriter implements AutoCloseable {
  private static final int BUFFER = 1 << 18;

  private final Path file;
  private final Path temporary;
  private final SpaceInfo info;
  private final FileChannel channel;
  private final CRC32C checksum = new CRC32C();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(Layout.ORDER);
  private final ObjectHashSet<String> seen = new ObjectHashSet<>();
  private final List<byte[]> labels = new ArrayList<>();
  private float[] inverseNorms = new float[1024];
  private boolean done;

  private WordVectorsWriter(Path file, Path temporary, SpaceInfo info, FileChannel channel)
      throws IOException {
    this.file = file;
    this.temporary = temporary;
    this.info = info;
    this.channel = channel;
    channel.position(Layout.START);
  }

  /**
   * Begins a file.
   *
   * @param file replaced where it is there; its folder must be
   * @param info name, dimension, similarity, maker and properties; its size is not looked at
   * @throws PolysemeException if it cannot be written there
   */
  public static WordVectorsWriter create(Path file, SpaceInfo info) {
    if (info.dimension() < 1) {
      throw new IllegalArgumentException("the dimension must be at least 1: " + info.dimension());
    }
    Path target = file.toAbsolutePath();
    if (Files.isDirectory(target)) {
      throw new PolysemeException("cannot write word vectors to " + file + ": it is a folder");
    }
    try {
      Path temporary =
          Files.createTempFile(target.getParent(), target.getFileName() + ".", ".part");
      return new WordVectorsWriter(
          target, temporary, info, FileChannel.open(temporary, StandardOpenOption.WRITE));
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /**
   * Adds a word. The order of words is kept: {@link WordVectors#labels()}.
   *
   * @param word any text that is not empty, with spaces too; case counts
   * @param vector float[dimension], finite; copied
   * @return false if the word was there already: the first vector stays
   * @throws IllegalArgumentException if the word is empty or no valid Unicode, or the vector has
   *     another dimension or a NaN or infinite number
   */
  public boolean add(String word, float[] vector) {
    if (done) {
      throw new IllegalStateException("the writer of " + file + " is closed");
    }
    if (word.isEmpty()) {
      throw new IllegalArgumentException("a word must not be empty");
    }
    if (vector.length != info.dimension()) {
      throw new IllegalArgumentException(
          "the vector of \"%s\" has %d dimensions, and the space %d"
              .formatted(word, vector.length, info.dimension()));
    }
    double squares = 0;
    for (float x : vector) {
      if (!Float.isFinite(x)) {
        throw new IllegalArgumentException("the vector of \"" + word + "\" has " + x);
      }
      squares += (double) x * x;
    }
    byte[] label = utf8(word);
    if (!seen.add(word)) {
      return false;
    }
    if (labels.size() == inverseNorms.length) {
      inverseNorms = Arrays.copyOf(inverseNorms, 2 * inverseNorms.length);
    }
    double inverse = 1 / Math.sqrt(squares);
    inverseNorms[labels.size()] = squares == 0 ? 0 : (float) Math.min(inverse, Float.MAX_VALUE);
    labels.add(label);
    try {
      for (float x : vector) {
        room(4).putFloat(x);
      }
    } catch (IOException e) {
      close();
      throw failed(file, e);
    }
    return true;
  }

  /**
   * Writes the rest, makes it safe on disk and puts the file in its place. The writer is closed.
   *
   * @throws PolysemeException if that fails; what was there before stays
   */
  public void commit() {
    if (done) {
      throw new IllegalStateException("the writer of " + file + " is closed");
    }
    try (channel) {
      writeRest();
      channel.force(true);
    } catch (IOException e) {
      close();
      throw failed(file, e);
    }
    try {
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      done = true;
    } catch (IOException e) {
      close();
      throw failed(file, e);
    }
  }

  private void writeRest() throws IOException {
    int count = labels.size();
    for (int row = 0; row < count; row++) {
      room(4).putFloat(inverseNorms[row]);
    }
    int[] sorted =
        IntStream.range(0, count)
            .boxed()
            .sorted(Comparator.comparing(labels::get, Arrays::compareUnsigned))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int row : sorted) {
      room(4).putInt(row);
    }
    long length = labels.stream().mapToLong(label -> label.length).sum();
    byte[] json = Layout.json(info);
    var sizes = new Layout(count, info.dimension(), json.length, length, 0, 0);
    for (long at = sizes.sortedAt() + 4L * count; at < sizes.offsetsAt(); at++) {
      room(1).put((byte) 0);
    }
    long offset = 0;
    for (byte[] label : labels) {
      room(8).putLong(offset);
      offset += label.length;
    }
    room(8).putLong(offset);
    for (byte[] label : labels) {
      put(label);
    }
    put(json);
    flush();
    ByteBuffer start =
        new Layout(
                count,
                info.dimension(),
                json.length,
                length,
                (int) checksum.getValue(),
                Layout.checksum(json, json.length))
            .write();
    while (start.hasRemaining()) {
      channel.write(start, start.position());
    }
  }

  /** Removes what was begun, unless it was committed. */
  @Override
  public void close() {
    if (done) {
      return;
    }
    done = true;
    try {
      channel.close();
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      System.getLogger(WordVectorsWriter.class.getName())
          .log(System.Logger.Level.WARNING, "cannot remove " + temporary, e);
    }
  }

  private static byte[] utf8(String word) {
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(word));
      var bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "the word \"" + word + "\" has half a surrogate pair, which is no Unicode text", e);
    }
  }

  private ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  private void put(byte[] bytes) throws IOException {
    int at = 0;
    while (at < bytes.length) {
      int length = Math.min(room(1).remaining(), bytes.length - at);
      buffer.put(bytes, at, length);
      at += length;
    }
  }

  private void flush() throws IOException {
    buffer.flip();
    checksum.update(buffer.duplicate());
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private static PolysemeException failed(Path file, IOException e) {
    return new PolysemeException(
        "cannot write word vectors to %s: %s; is the folder there, writable and not full?"
            .formatted(file, e),
        e);
  }
}
