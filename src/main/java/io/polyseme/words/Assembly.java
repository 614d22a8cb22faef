package io.polyseme.words;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A space that is being put together: labels, lengths and frequencies are kept here, in a few
 * arrays; vectors go at once to where they will stay. Not thread-safe.
 */
abstract class Assembly implements WordSink {
  final Labels labels = new Labels();
  private float[] inverseNorms = new float[1024];
  private long[] frequencies = new long[0];
  private boolean counted = true;
  private int dimension;
  private long duplicates;
  private @Nullable SubwordRule rule;
  private long bucketBytes;

  /** Takes the vector of a new word, whose row is the number of calls before. */
  abstract void store(float[] vectors, int from) throws IOException;

  /** Takes the next bytes of the buckets' vectors; the first come after all words. */
  abstract void storeBuckets(MemorySegment vectors) throws IOException;

  @Override
  public void begin(int dimension, long words) throws IOException {
    this.dimension = dimension;
  }

  int dimension() {
    return dimension;
  }

  int size() {
    return labels.size();
  }

  /** How many words came again. */
  long duplicates() {
    return duplicates;
  }

  @Nullable SubwordRule rule() {
    return rule;
  }

  boolean hasFrequencies() {
    return counted && labels.size() > 0;
  }

  @Override
  public void add(Block block) throws IOException {
    for (int i = 0; i < block.count(); i++) {
      add(
          block.labels(),
          block.start(i),
          block.ends()[i],
          block.vectors(),
          i * dimension,
          block.frequencies() == null ? -1 : block.frequencies()[i]);
    }
  }

  /**
   * Adds a word.
   *
   * @param frequency -1 where not known
   * @return false if it is there already
   */
  boolean add(byte[] label, int start, int end, float[] vectors, int from, long frequency)
      throws IOException {
    if (labels.size() == Layout.MOST_WORDS) {
      throw new IOException("there are more than %,d words".formatted(Layout.MOST_WORDS));
    }
    int row = labels.add(label, start, end);
    if (row < 0) {
      duplicates++;
      return false;
    }
    double squares = 0;
    for (int i = from; i < from + dimension; i++) {
      squares += (double) vectors[i] * vectors[i];
    }
    if (row == inverseNorms.length) {
      inverseNorms = Arrays.copyOf(inverseNorms, 2 * row);
    }
    inverseNorms[row] =
        squares == 0 ? 0 : (float) Math.min(1 / Math.sqrt(squares), Float.MAX_VALUE);
    counted &= frequency >= 0;
    if (counted) {
      if (row >= frequencies.length) {
        frequencies = Arrays.copyOf(frequencies, Math.max(1024, 2 * row));
      }
      frequencies[row] = frequency;
    }
    store(vectors, from);
    return true;
  }

  @Override
  public void subwords(SubwordRule rule) {
    this.rule = rule;
  }

  @Override
  public void addBuckets(MemorySegment vectors) throws IOException {
    bucketBytes += vectors.byteSize();
    if (rule == null || bucketBytes > bucketLength()) {
      throw new IOException("there are more vectors of n-grams than buckets");
    }
    storeBuckets(vectors);
  }

  long bucketLength() {
    return rule == null ? 0 : 4L * rule.buckets() * dimension;
  }

  /** Whether the buckets have all come. */
  boolean complete() {
    return bucketBytes == bucketLength();
  }

  /** Writes everything but the vectors, which are there already. */
  void fill(Parts parts) {
    MemorySegment.copy(
        inverseNorms, 0, parts.inverseNorms(), ValueLayout.JAVA_FLOAT, 0, labels.size());
    if (parts.frequencies() != null) {
      for (int row = 0; row < labels.size(); row++) {
        parts.frequencies().set(Layout.LONG, 8L * row, frequencies[row]);
      }
    }
    labels.writeSlots(parts.slots());
    labels.writeOffsets(parts.offsets());
    labels.writeLabels(parts.labels());
    if (parts.quantised() != null) {
      parts.quantised().quantise(parts.rows(), parts.inverseNorms());
    }
  }
}
