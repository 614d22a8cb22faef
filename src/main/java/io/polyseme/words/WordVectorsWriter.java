package io.polyseme.words;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.SpaceInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file of word vectors, word by word: the vectors go to disk at once, only the labels stay
 * on the heap. The file appears whole at {@link #commit()}, by an atomic rename; until then, and
 * where the writer is closed without it, what was there stays. Not thread-safe.
 */
public final class WordVectorsWriter implements AutoCloseable {
  private static final int BUFFER = 1 << 18;

  private static final int CHUNK = 4096;

  /** More than a byte buffer can hold is written in pieces of this size. */
  private static final long LARGE = 1 << 30;

  private final Path file;
  private final Path temporary;
  private @Nullable SpaceInfo info;
  private final WriteOptions options;
  private final FileChannel channel;
  private final FileAssembly assembly = new FileAssembly();
  private boolean done;

  private WordVectorsWriter(Path file, Path temporary, WriteOptions options, FileChannel channel) {
    this.file = file;
    this.temporary = temporary;
    this.options = options;
    this.channel = channel;
  }

  /** Begins a file with {@link WriteOptions#DEFAULT}. */
  public static WordVectorsWriter create(Path file, SpaceInfo info) {
    return create(file, info, WriteOptions.DEFAULT);
  }

  /**
   * Begins a file.
   *
   * @param file replaced where it is there; its folder must be
   * @param info name, dimension, similarity, maker and properties; its size is not looked at
   * @throws PolysemeException if it cannot be written there
   */
  public static WordVectorsWriter create(Path file, SpaceInfo info, WriteOptions options) {
    if (info.dimension() < 1) {
      throw new IllegalArgumentException("the dimension must be at least 1: " + info.dimension());
    }
    WordVectorsWriter writer = begin(file, options);
    writer.info = info;
    try {
      writer.assembly.begin(info.dimension(), -1);
    } catch (IOException e) {
      writer.close();
      throw Output.failed(file, e);
    }
    return writer;
  }

  /**
   * Begins a file whose words come through {@link #sink()}, and whose description only at {@link
   * #commit(SpaceInfo)}.
   */
  static WordVectorsWriter begin(Path file, WriteOptions options) {
    try {
      Path target = Output.target(file);
      Path temporary = Output.part(target);
      FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE_NEW);
      return new WordVectorsWriter(target, temporary, options, channel);
    } catch (IOException e) {
      throw Output.failed(file, e);
    }
  }

  /**
   * Writes a file of all of some rows.
   *
   * @param rows read by many threads
   * @throws PolysemeException if the file cannot be written
   * @throws io.polyseme.CancelledException if cancelled or interrupted; nothing is left behind
   */
  static void write(
      LabelledRows rows, SpaceInfo info, Path file, Progress progress, Cancel cancel) {
    try (var writer = create(file, info)) {
      writer.addAll(rows, "writing " + info.name(), progress, cancel);
      writer.commit();
    }
  }

  /**
   * Adds all of some rows, many at once computed and in their order.
   *
   * @param rows read by many threads
   * @param stage that is told to {@code progress}
   * @throws PolysemeException if the file cannot be written
   * @throws io.polyseme.CancelledException if cancelled or interrupted
   */
  public void addAll(LabelledRows rows, String stage, Progress progress, Cancel cancel) {
    for (int first = 0; first < rows.size(); first += CHUNK) {
      cancel.check();
      int from = first;
      float[][] chunk =
          IntStream.range(from, Math.min(rows.size(), from + CHUNK))
              .parallel()
              .mapToObj(
                  row -> {
                    var vector = new float[rows.dimension()];
                    rows.copyRow(row, vector);
                    return vector;
                  })
              .toArray(float[][]::new);
      for (int i = 0; i < chunk.length; i++) {
        add(rows.label(from + i), chunk[i], rows.frequency(from + i).orElse(-1));
      }
      progress.update(stage, from + chunk.length, rows.size());
    }
  }

  /** Where a reader puts what it reads; not to be mixed with {@link #add}. */
  Assembly sink() {
    return assembly;
  }

  /** Adds a word whose frequency is not known: see {@link #add(String, float[], long)}. */
  public boolean add(String word, float[] vector) {
    return add(word, vector, -1);
  }

  /**
   * Adds a word. The order of words is kept: {@link WordVectors#labels()}.
   *
   * @param word any text that is not empty, with spaces too; case counts
   * @param vector float[dimension], finite; copied
   * @param frequency how often the word occurred, or -1; kept if it is known of all words
   * @return false if the word was there already: the first vector stays
   * @throws IllegalArgumentException if the word is empty or no valid Unicode, or the vector has
   *     another dimension or a NaN or infinite number
   */
  public boolean add(String word, float[] vector, long frequency) {
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
    for (float x : vector) {
      if (!Float.isFinite(x)) {
        throw new IllegalArgumentException("the vector of \"" + word + "\" has " + x);
      }
    }
    byte[] label = utf8(word);
    try {
      return assembly.add(label, 0, label.length, vector, 0, frequency);
    } catch (IOException e) {
      close();
      throw Output.failed(file, e);
    }
  }

  /**
   * Adds the vectors of n-grams, by which words are understood that are not in the file; once,
   * after all words.
   *
   * @param buckets finite vectors of the buckets from 0 to {@link SubwordRule#buckets()}
   */
  public void addSubwords(SubwordRule rule, RowSource buckets) {
    int dimension = assembly.dimension();
    int most = Math.max(1, BUFFER / (Float.BYTES * dimension));
    var vector = new float[dimension];
    try {
      assembly.subwords(rule);
      for (int from = 0; from < rule.buckets(); from += most) {
        int count = Math.min(most, rule.buckets() - from);
        MemorySegment piece =
            MemorySegment.ofArray(new byte[Math.multiplyExact(Float.BYTES * dimension, count)]);
        for (int i = 0; i < count; i++) {
          buckets.copy(from + i, vector);
          long at = (long) Float.BYTES * dimension * i;
          MemorySegment.copy(vector, 0, piece, ByteReader.FLOAT, at, dimension);
        }
        assembly.addBuckets(piece);
      }
    } catch (IOException e) {
      close();
      throw Output.failed(file, e);
    }
  }

  /**
   * Writes the rest, makes it safe on disk and puts the file in its place. The writer is closed.
   *
   * @throws PolysemeException if that fails; what was there before stays
   */
  public void commit() {
    commit(info);
  }

  void commit(SpaceInfo info) {
    if (done) {
      throw new IllegalStateException("the writer of " + file + " is closed");
    }
    try (channel) {
      finish(info);
      channel.force(true);
    } catch (IOException | InternalError e) {
      // An InternalError is how a mapped page that the disk has no room for shows itself.
      close();
      throw Output.failed(file, e);
    }
    try {
      Output.rename(temporary, file);
      done = true;
    } catch (IOException e) {
      close();
      throw Output.failed(file, e);
    }
  }

  private void finish(SpaceInfo info) throws IOException {
    assembly.flush();
    if (!assembly.complete()) {
      throw new IOException("not all vectors of n-grams have come");
    }
    SubwordRule rule = assembly.rule();
    byte[] description = new Layout.Description(info, rule).write();
    var layout =
        new Layout(
            assembly.size(),
            assembly.dimension(),
            description.length,
            (options.quantised() ? Layout.QUANTISED : 0)
                | (assembly.hasFrequencies() ? Layout.FREQUENCIES : 0),
            rule == null ? 0 : rule.buckets(),
            assembly.labels.length(),
            Layout.checksum(description, description.length),
            0);
    // Written, so that a full disk is told of here and not by a fault on a mapped page.
    ByteBuffer zeros = ByteBuffer.allocateDirect(BUFFER);
    for (long at = channel.size(); at < layout.length(); at = channel.size()) {
      zeros.clear().limit((int) Math.min(BUFFER, layout.length() - at));
      channel.write(zeros, at);
    }
    try (Arena arena = Arena.ofShared()) {
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, layout.length(), arena);
      assembly.fill(Parts.of(layout, mapped));
      MemorySegment.copy(
          description,
          0,
          mapped,
          ValueLayout.JAVA_BYTE,
          layout.descriptionBytes().at(),
          description.length);
      MemorySegment sums = mapped.asSlice(layout.sums().at(), layout.sums().length());
      IntStream.range(0, layout.summedBlocks())
          .parallel()
          .forEach(block -> sums.set(Layout.INT, 4L * block, layout.sum(mapped, block)));
      byte[] summed = sums.toArray(ValueLayout.JAVA_BYTE);
      Layout whole =
          layout.withChecksums(
              layout.descriptionChecksum(), Layout.checksum(summed, summed.length));
      MemorySegment.copy(whole.header().array(), 0, mapped, ValueLayout.JAVA_BYTE, 0, Layout.START);
      mapped.force();
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
    } catch (IOException e) {
      System.getLogger(WordVectorsWriter.class.getName())
          .log(System.Logger.Level.WARNING, "cannot close " + temporary, e);
    }
    Output.remove(temporary);
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

  /** Appends vectors to the file. */
  private final class FileAssembly extends Assembly {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).order(Layout.ORDER);
    private long at = Layout.START;
    private boolean afterWords;

    @Override
    void store(float[] vectors, int from) throws IOException {
      int left = dimension();
      while (left > 0) {
        int some = Math.min(left, buffer.remaining() / 4);
        buffer.asFloatBuffer().put(vectors, from + dimension() - left, some);
        buffer.position(buffer.position() + 4 * some);
        left -= some;
        if (buffer.remaining() < 4) {
          flush();
        }
      }
    }

    @Override
    void storeBuckets(MemorySegment vectors) throws IOException {
      if (!afterWords) {
        flush();
        at = at + 63 & -64;
        afterWords = true;
      }
      for (long from = 0; from < vectors.byteSize(); from += LARGE) {
        write(vectors.asSlice(from, Math.min(LARGE, vectors.byteSize() - from)).asByteBuffer());
      }
    }

    void flush() throws IOException {
      write(buffer.flip());
      buffer.clear();
    }

    private void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    }
  }
}
