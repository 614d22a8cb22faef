package io.polyseme.words;

import io.polyseme.NearNames;
import io.polyseme.PolysemeException;
import io.polyseme.vector.Answer;
import io.polyseme.vector.ExactScan;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Hit;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import io.polyseme.vector.Rows;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.TopK;
import io.polyseme.vector.UnknownTermException;
import io.polyseme.vector.VectorSpace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * Static word vectors in a memory-mapped file, as {@link WordVectorsWriter} writes it. Opening
 * reads only the header; words are found by binary search in the file. Searches are exact: they
 * look at every vector. Thread-safe; {@link #close()} waits for calls in flight, and every call
 * after it is an {@link IllegalStateException}.
 */
public final class WordVectors implements VectorSpace, TermResolver, LabelledRows {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(Layout.ORDER);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(Layout.ORDER);

  private final Path file;
  private final SpaceInfo info;
  private final Layout layout;
  private final Arena arena;
  private final MemorySegment memory;
  private final Rows rows;
  private final ExactScan scan;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private WordVectors(Path file, SpaceInfo info, Layout layout, Arena arena, MemorySegment memory) {
    this.file = file;
    this.info = info;
    this.layout = layout;
    this.arena = arena;
    this.memory = memory;
    this.rows =
        new Rows(
            memory.asSlice(Layout.START, layout.normsAt() - Layout.START),
            layout.count(),
            layout.dimension());
    this.scan =
        new ExactScan(
            rows,
            memory.asSlice(layout.normsAt(), 4L * layout.count()),
            info.similarity(),
            (a, b) -> labelOf(a).compareTo(labelOf(b)));
  }

  /**
   * Maps a file.
   *
   * @return the caller's to close
   * @throws PolysemeException if it is missing, no file of word vectors, of another version, cut
   *     off or damaged in its header; {@link #verify()} looks at the rest
   */
  public static WordVectors open(Path file) {
    if (Files.isDirectory(file)) {
      throw new PolysemeException(
          file + " is a folder, and a file of word vectors is needed; give the file's own path");
    }
    if (!Files.exists(file)) {
      throw new PolysemeException(
          "there is no file of word vectors " + file + "; check the path, or make the file first");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file)) {
      long length = channel.size();
      ByteBuffer start = ByteBuffer.allocate(Layout.START);
      while (start.hasRemaining() && channel.read(start, start.position()) > 0) {
        continue;
      }
      Layout layout = Layout.read(start.flip(), length);
      MemorySegment memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, length, arena);
      byte[] json = memory.asSlice(layout.jsonAt(), layout.json()).toArray(ValueLayout.JAVA_BYTE);
      return new WordVectors(file, layout.info(json), layout, arena, memory);
    } catch (Layout.Malformed e) {
      arena.close();
      throw new PolysemeException(
          file + " " + e.getMessage() + "; make or fetch the file again", e);
    } catch (IOException e) {
      arena.close();
      throw new PolysemeException("cannot read " + file + ": " + e, e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Reads the whole file and compares its checksum.
   *
   * @throws PolysemeException if it is damaged
   */
  public void verify() {
    int actual =
        call(
            () -> {
              var crc = new CRC32C();
              long step = 1 << 26;
              for (long at = Layout.START; at < layout.length(); at += step) {
                crc.update(memory.asSlice(at, Math.min(step, layout.length() - at)).asByteBuffer());
              }
              return (int) crc.getValue();
            });
    if (actual != layout.dataChecksum()) {
      throw new PolysemeException(
          file + " is damaged: its checksum does not match; make or fetch the file again");
    }
  }

  @Override
  public SpaceInfo info() {
    return call(() -> info);
  }

  /** How many words. */
  @Override
  public int size() {
    return call(layout::count);
  }

  @Override
  public int dimension() {
    return layout.dimension();
  }

  @Override
  public String label(int row) {
    Objects.checkIndex(row, layout.count());
    return call(() -> labelOf(row));
  }

  @Override
  public int row(String label) {
    return call(() -> find(label));
  }

  @Override
  public void copyRow(int row, float[] into) {
    Objects.checkIndex(row, layout.count());
    call(
        () -> {
          rows.get(row, into);
          return true;
        });
  }

  /** The words in the order in which they were written: a copy. */
  public List<String> labels() {
    return call(
        () -> {
          var labels = new ArrayList<String>(layout.count());
          for (int row = 0; row < layout.count(); row++) {
            labels.add(labelOf(row));
          }
          return List.copyOf(labels);
        });
  }

  /**
   * Hands over every word with its vector, a new float[dimension], in the order in which they were
   * written. The space cannot be closed from within.
   */
  public void forEach(BiConsumer<String, float[]> action) {
    call(
        () -> {
          for (int row = 0; row < layout.count(); row++) {
            action.accept(labelOf(row), vectorOf(row));
          }
          return true;
        });
  }

  /** Whether exactly this word is there. */
  public boolean contains(String label) {
    return call(() -> find(label) >= 0);
  }

  @Override
  public Optional<float[]> vector(String label) {
    return call(
        () -> {
          int row = find(label);
          return row < 0 ? Optional.empty() : Optional.of(vectorOf(row));
        });
  }

  /**
   * The vector of a word: the word as it is written if that is there, else in lower case, else with
   * underscores for its spaces or spaces for its underscores, in this and in lower case.
   *
   * @throws IllegalArgumentException for a text or a word in its context, which need an encoder
   */
  @Override
  public float[] resolve(Term term) {
    return switch (term) {
      case Term.Word(String word) ->
          call(
              () -> {
                for (String form : forms(word)) {
                  int row = find(form);
                  if (row >= 0) {
                    return vectorOf(row);
                  }
                }
                throw new UnknownTermException(word, info.name(), nearNames(word, 5));
              });
      case Term.Literal literal -> literal.vector();
      case Term.Usage usage ->
          throw new IllegalArgumentException(
              "%s holds one vector for each word: %s, a word in its context, needs an encoder"
                  .formatted(info.name(), usage));
      case Term.Text text ->
          throw new IllegalArgumentException(
              "%s holds one vector for each word: the text %s needs an encoder"
                  .formatted(info.name(), text));
    };
  }

  private static Set<String> forms(String word) {
    var forms = new LinkedHashSet<String>();
    for (String form : List.of(word, word.replace(' ', '_'), word.replace('_', ' '))) {
      forms.add(form);
      forms.add(form.toLowerCase(Locale.ROOT));
    }
    return forms;
  }

  /**
   * Words that look like this one: first those that differ in case only, then those at an edit
   * distance of 1 and 2, then those that begin with it; earlier rows first, which are the commoner
   * words where the file was made so.
   */
  @Override
  public List<String> nearNames(String label, int limit) {
    if (limit < 1 || label.isEmpty()) {
      return List.of();
    }
    return call(() -> new NearNames(label).best(layout.count(), this::labelOf, limit));
  }

  /** {@inheritDoc} Only the label can be filtered here; an entry has no other fields. */
  @Override
  public Answer search(Query query) {
    if (query.precision().mode() == Precision.Mode.APPROXIMATE) {
      throw new IllegalArgumentException(
          info.name() + " has no graph to search approximately; ask for an exact search");
    }
    return call(
        () -> {
          Set<Integer> excluded = new HashSet<>();
          for (String label : query.excluded()) {
            int row = find(label);
            if (row >= 0) {
              excluded.add(row);
            }
          }
          Filter filter = query.filter();
          IntPredicate accepted =
              row ->
                  !excluded.contains(row)
                      && (filter instanceof Filter.All
                          || filter.accepts(Map.of(Filter.LABEL, labelOf(row))));
          TopK.Best best = scan.search(query, accepted);
          var hits = new ArrayList<Hit>();
          for (int i = 0; i < best.rows().length; i++) {
            hits.add(new Hit(i + 1, labelOf(best.rows()[i]), best.scores()[i], Map.of()));
          }
          return new Answer(hits, true, layout.count(), List.of());
        });
  }

  /** This space, whose searches are exact; closing the twin does nothing. */
  @Override
  public VectorSpace exact() {
    return new Twin();
  }

  private final class Twin implements VectorSpace {
    @Override
    public SpaceInfo info() {
      return WordVectors.this.info();
    }

    @Override
    public Optional<float[]> vector(String label) {
      return WordVectors.this.vector(label);
    }

    @Override
    public List<String> nearNames(String label, int limit) {
      return WordVectors.this.nearNames(label, limit);
    }

    @Override
    public Answer search(Query query) {
      return WordVectors.this.search(query);
    }

    @Override
    public VectorSpace exact() {
      return this;
    }

    @Override
    public void close() {
      // The file is its owner's.
    }
  }

  /**
   * Unmaps the file, once calls in flight have ended. A second call does nothing.
   *
   * @throws IllegalStateException if called from within {@link #forEach}
   */
  @Override
  public void close() {
    if (lock.getReadHoldCount() > 0) {
      throw new IllegalStateException("cannot close " + info.name() + " from within a call to it");
    }
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        arena.close();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private <T> T call(Supplier<T> work) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the word vectors " + info.name() + " are closed");
      }
      return work.get();
    } catch (IndexOutOfBoundsException | InternalError e) {
      throw new PolysemeException(
          file + " is damaged or was changed while it was open; make or fetch the file again", e);
    } finally {
      lock.readLock().unlock();
    }
  }

  private float[] vectorOf(int row) {
    var vector = new float[layout.dimension()];
    rows.get(row, vector);
    return vector;
  }

  private String labelOf(int row) {
    long at = labelAt(row);
    var bytes = new byte[Math.toIntExact(labelAt(row + 1) - at)];
    MemorySegment.copy(
        memory, ValueLayout.JAVA_BYTE, layout.labelsAt() + at, bytes, 0, bytes.length);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private long labelAt(int row) {
    return memory.get(LONG, layout.offsetsAt() + 8L * row);
  }

  /** The row of a word, or -1. */
  private int find(String label) {
    byte[] key = label.getBytes(StandardCharsets.UTF_8);
    int low = 0;
    int high = layout.count() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int row = memory.get(INT, layout.sortedAt() + 4L * middle);
      int order = compare(row, key);
      if (order == 0) {
        // An unpaired surrogate is written as "?", which must not be found as one.
        return labelOf(row).equals(label) ? row : -1;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  private int compare(int row, byte[] key) {
    long at = labelAt(row);
    int length = (int) (labelAt(row + 1) - at);
    int common = Math.min(length, key.length);
    for (int i = 0; i < common; i++) {
      int order =
          Byte.compareUnsigned(
              memory.get(ValueLayout.JAVA_BYTE, layout.labelsAt() + at + i), key[i]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(length, key.length);
  }
}
