package io.polyseme.words;

import io.polyseme.PolysemeException;
import io.polyseme.vector.QuantisedRows;
import io.polyseme.vector.Rows;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A space that is put together in memory off the heap. */
final class MemoryAssembly extends Assembly implements AutoCloseable {
  /** Room for vectors that is not used in the end: at most the 16th part is left so. */
  private static final int SLACK = 16;

  private final Path file;
  private final boolean quantised;
  private Arena arena = Arena.ofShared();
  private MemorySegment vectors = MemorySegment.NULL;
  private int capacity;
  private int stored;
  private @Nullable Arena bucketArena;
  private MemorySegment buckets = MemorySegment.NULL;
  private long bucketsAt;

  /**
   * @param file what is read, for messages
   * @param quantised whether an int8 copy is made
   */
  MemoryAssembly(Path file, boolean quantised) {
    this.file = file;
    this.quantised = quantised;
  }

  @Override
  public void begin(int dimension, long words) throws IOException {
    super.begin(dimension, words);
    long needed = words < 0 ? 0 : (long) ((quantised ? 5.0 : 4.0) * words * dimension);
    long available = Memory.available();
    if (needed > available) {
      throw new PolysemeException(
          "%s needs about %,d MB of memory, and %,d MB are free; words convert makes a file of it that is mapped and needs none"
              .formatted(file, needed >> 20, available >> 20));
    }
    resize((int) Math.min(Layout.MOST_WORDS, words < 0 ? 1 << 14 : Math.max(16, words)));
  }

  private void resize(int words) {
    Arena larger = Arena.ofShared();
    MemorySegment moved;
    try {
      moved = larger.allocate(4L * Math.max(1, words) * dimension(), 64);
    } catch (OutOfMemoryError e) {
      larger.close();
      throw e;
    }
    MemorySegment.copy(vectors, 0, moved, 0, 4L * stored * dimension());
    arena.close();
    arena = larger;
    vectors = moved;
    capacity = words;
  }

  @Override
  void store(float[] from, int at) {
    if (stored == capacity) {
      resize((int) Math.min(Layout.MOST_WORDS, capacity + (long) capacity / 2));
    }
    MemorySegment.copy(
        from, at, vectors, ValueLayout.JAVA_FLOAT, 4L * stored * dimension(), dimension());
    stored++;
  }

  @Override
  void storeBuckets(MemorySegment from) {
    if (bucketArena == null) {
      bucketArena = Arena.ofShared();
      buckets = bucketArena.allocate(bucketLength(), 64);
    }
    MemorySegment.copy(from, 0, buckets, bucketsAt, from.byteSize());
    bucketsAt += from.byteSize();
  }

  /** What was put together. Its memory lives until this is closed. */
  Parts finish() {
    if (capacity - stored > Math.max(64, stored / SLACK)) {
      resize(stored);
    }
    int count = size();
    var rows = new Rows(vectors, count, dimension());
    SubwordRule rule = rule();
    var parts =
        new Parts(
            rows,
            rule == null ? null : new Rows(buckets, rule.buckets(), dimension()),
            arena.allocate(Math.max(4, 4L * count), 64),
            quantised ? QuantisedRows.allocate(arena, count, dimension()) : null,
            hasFrequencies() ? arena.allocate(8L * count, 64) : null,
            arena.allocate(4L * Layout.slots(count), 64),
            arena.allocate(8L * (count + 1L), 64),
            arena.allocate(Math.max(1, labels.length())));
    fill(parts);
    return parts;
  }

  @Override
  public void close() {
    arena.close();
    if (bucketArena != null) {
      bucketArena.close();
    }
  }
}
