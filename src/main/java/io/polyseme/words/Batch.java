package io.polyseme.words;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Words with their vectors on their way from one worker to the sink, and what was not as it should
 * be among them. Used again and again; not thread-safe.
 */
final class Batch {
  private enum Kind {
    MALFORMED,
    NOT_FINITE,
    INVALID_UTF8
  }

  /**
   * @param place of the entry among those that this batch was made of, from 1
   */
  private record Issue(Kind kind, int place, String what) {}

  private final int dimension;
  private final ReadOptions options;
  private final List<Issue> issues = new ArrayList<>();
  private byte[] labels = new byte[1 << 12];
  private int[] ends = new int[64];
  private long[] frequencies = new long[0];
  private float[] vectors;
  private int count;
  private int labelBytes;
  private long withSpaces;

  /** Issues that were only counted. */
  private final long[] more = new long[Kind.values().length];

  private boolean ended;

  Batch(int dimension, ReadOptions options) {
    this.dimension = dimension;
    this.options = options;
    this.vectors = new float[dimension];
  }

  void clear() {
    issues.clear();
    Arrays.fill(more, 0);
    count = 0;
    labelBytes = 0;
    withSpaces = 0;
    ended = false;
  }

  /** How many words are in it. */
  int count() {
    return count;
  }

  /** Whether something was found that ends the reading, so that the rest need not be parsed. */
  boolean ended() {
    return ended;
  }

  /** Whether an entry has a vector of the right dimension, even one that is not finite. */
  boolean wellFormed() {
    return count > 0 || issues.stream().anyMatch(issue -> issue.kind != Kind.MALFORMED);
  }

  boolean hasIssues() {
    return !issues.isEmpty();
  }

  /** Where the vector of the next word goes: {@code dimension} floats from {@link #next()} on. */
  float[] vectors() {
    if (vectors.length - next() < dimension) {
      vectors = Arrays.copyOf(vectors, vectors.length + Math.max(dimension, vectors.length / 2));
    }
    return vectors;
  }

  int next() {
    return count * dimension;
  }

  /** As {@link #add(byte[], int, int, int)}, for a word that was counted. */
  void add(byte[] b, int from, int to, int place, long frequency) {
    if (count >= frequencies.length) {
      frequencies = Arrays.copyOf(frequencies, Math.max(64, 2 * count));
    }
    frequencies[count] = frequency;
    add(b, from, to, place);
  }

  /** Adds a word whose vector was put into its place, if that is finite. */
  void add(byte[] b, int from, int to, int place) {
    if (from == to) {
      malformed(place, "no word before the numbers");
      return;
    }
    if (!finite(vectors, next(), dimension)) {
      issue(Kind.NOT_FINITE, place, "", !options.lenient());
      return;
    }
    if (Utf8.valid(b, from, to)) {
      append(b, from, to);
    } else {
      boolean error = options.invalidUtf8() == ReadOptions.InvalidUtf8.ERROR;
      issue(Kind.INVALID_UTF8, place, "", error);
      if (error) {
        return;
      }
      byte[] mended = Utf8.mend(b, from, to, options.invalidUtf8());
      append(mended, 0, mended.length);
    }
    for (int i = from; i < to; i++) {
      if (b[i] == ' ' || b[i] == '\t') {
        withSpaces++;
        break;
      }
    }
  }

  private void append(byte[] b, int from, int to) {
    int length = to - from;
    if (labels.length - labelBytes < length) {
      labels = Arrays.copyOf(labels, Math.max(labelBytes + length, 2 * labels.length));
    }
    System.arraycopy(b, from, labels, labelBytes, length);
    labelBytes += length;
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
    }
    ends[count++] = labelBytes;
  }

  void malformed(int place, String what) {
    issue(Kind.MALFORMED, place, what, !options.lenient());
  }

  private void issue(Kind kind, int place, String what, boolean end) {
    if (end || issues.size() < ReadReport.MOST_EXAMPLES) {
      issues.add(new Issue(kind, place, what));
    } else {
      more[kind.ordinal()]++;
    }
    ended |= end;
  }

  /**
   * Gives the words to the sink and the issues to the tally, which ends a strict reading.
   *
   * @param unit what entries are called: "line"
   * @param before how many entries were before this batch
   */
  void handOver(WordSink sink, Tally tally, String unit, long before) throws IOException {
    for (Issue issue : issues) {
      String place = unit + " " + (before + issue.place);
      switch (issue.kind) {
        case MALFORMED -> tally.malformed(place, issue.what);
        case NOT_FINITE -> tally.notFinite(place);
        case INVALID_UTF8 -> tally.invalidUtf8(place);
      }
    }
    tally.more(
        more[Kind.MALFORMED.ordinal()],
        more[Kind.NOT_FINITE.ordinal()],
        more[Kind.INVALID_UTF8.ordinal()],
        withSpaces);
    if (count > 0) {
      long[] known = frequencies.length == 0 ? null : frequencies;
      sink.add(new Block(count, labels, ends, known, vectors));
    }
  }

  /** Whether none of these is a NaN or an infinity. */
  static boolean finite(float[] x, int from, int length) {
    // The greatest magnitude as an integer, which the compiler turns into SIMD.
    int most = 0;
    for (int i = from; i < from + length; i++) {
      most = Math.max(most, Float.floatToRawIntBits(x[i]) & 0x7fffffff);
    }
    return most < 0x7f800000;
  }
}
