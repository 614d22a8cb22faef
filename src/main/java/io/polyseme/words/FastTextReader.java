package io.polyseme.words;

import com.carrotsearch.hppc.IntArrayList;
import com.carrotsearch.hppc.LongArrayList;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.vector.Ordered;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a fastText model. All numbers are little-endian (fastText's {@code FastText::saveModel},
 * {@code Args::save}, {@code Dictionary::save}, {@code DenseMatrix::save}):
 *
 * <pre>
 *   int32   magic 793712314 and int32 version, 11 or 12; both missing in the oldest files
 *   12 int32 and a double: dim, ws, epoch, minCount, neg, wordNgrams, loss, model, bucket, minn,
 *           maxn, lrUpdateRate, t
 *   int32   entries of the dictionary, then how many of them are words and labels
 *   int64   tokens
 *   int64   pruned n-grams, -1 where there was no pruning; missing in the oldest files
 *   entries: bytes up to a zero, int64 count, int8 type (0 word, 1 label)
 *   2 int32 for each pruned n-gram
 *   int8    1 for a quantised matrix; missing in the oldest files
 *   int64   rows, words and then buckets; int64 dim; float32s, row after row
 *   the output matrix, which is of no use here
 * </pre>
 *
 * The vector of a word is what fastText gives for it: the mean of its own row and those of its
 * n-grams.
 */
final class FastTextReader {
  private static final int MAGIC = 793712314;
  private static final int SUPERVISED = 3;
  private static final int SKIP_GRAM = 2;
  private static final int NEGATIVE_SAMPLING = 2;
  private static final int ARGS = 12 * Integer.BYTES + Double.BYTES;
  private static final int LONGEST_WORD = 1 << 16;
  private static final int TASK_BYTES = 1 << 20;

  /** An n-gram of more characters than this was never meant. */
  private static final int LONGEST_NGRAM = 1000;

  private final VectorSource source;
  private final ReadOptions options;
  private final ByteReader in;
  private final Cancel cancel;
  private final Tally tally;

  private int[] args = new int[12];
  private double sample;
  private long tokens;
  private boolean hasMarks;
  private int dimension;
  private @Nullable SubwordRule rule;
  private int entries;
  private int words;
  private byte[] labels = new byte[1 << 16];
  private int labelBytes;
  private final IntArrayList ends = new IntArrayList();
  private final LongArrayList counts = new LongArrayList();

  private FastTextReader(VectorSource source, ReadOptions options, Cancel cancel) {
    this.source = source;
    this.options = options;
    this.cancel = cancel;
    this.in = new ByteReader(source);
    this.tally = new Tally(source.file(), options);
  }

  /** Whether a file that begins so is a model: by its magic number, or by arguments of training. */
  static boolean looksLikeModel(byte[] head) {
    if (head.length < Long.BYTES) {
      return false;
    }
    ByteBuffer b = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    if (b.getInt(0) == MAGIC) {
      return true;
    }
    if (head.length < ARGS + 3 * Integer.BYTES + Long.BYTES) {
      return false;
    }
    var args = new int[12];
    for (int i = 0; i < args.length; i++) {
      args[i] = b.getInt();
    }
    double t = b.getDouble();
    int entries = b.getInt();
    int words = b.getInt();
    int labels = b.getInt();
    long tokens = b.getLong();
    return plausible(args)
        && t >= 0
        && t < 1e9
        && words > 0
        && labels >= 0
        && entries == (long) words + labels
        && tokens >= 0;
  }

  private static boolean plausible(int[] args) {
    return args[0] >= 1
        && args[0] <= Head.MOST_DIMENSIONS
        && Arrays.stream(args).allMatch(x -> x >= 0)
        && args[6] >= 1
        && args[6] <= 4
        && args[7] >= 1
        && args[7] <= SUPERVISED
        && args[9] <= LONGEST_NGRAM
        && args[10] <= LONGEST_NGRAM;
  }

  static ReadReport read(VectorSource source, ReadOptions options, WordSink sink, Cancel cancel)
      throws IOException {
    return new FastTextReader(source, options, cancel).read(sink);
  }

  private ReadReport read(WordSink sink) throws IOException {
    long needed = readToInputs();
    long wanted = Math.min(options.most(), words);
    try (var matrix = FastTextMatrix.of(this, needed)) {
      sink.begin(dimension, wanted);
      long taken = readWords(sink, matrix.memory, (int) wanted);
      tellRows(words);
      if (rule != null) {
        long rowBytes = (long) Float.BYTES * dimension;
        sink.subwords(rule);
        readBuckets(sink, matrix.memory.asSlice(rowBytes * words), rowBytes);
      }
      return tally.report(VectorFormat.FASTTEXT, source.compression(), taken, dimension, words);
    }
  }

  /**
   * Opens a model with both its matrices.
   *
   * @throws PolysemeException if it is damaged, or is none that words can be trained with further
   */
  static FastTextFile open(VectorSource source, Cancel cancel) {
    return new FastTextReader(source, ReadOptions.DEFAULT, cancel).open();
  }

  private FastTextFile open() {
    long needed = readToInputs();
    if (args[7] == SUPERVISED) {
      throw broken("is a classifier of texts, which cannot be trained further here");
    }
    if (args[6] != NEGATIVE_SAMPLING) {
      throw broken(
          "was trained without negative sampling (hierarchical softmax, or softmax), so that it"
              + " has no outputs of words to go on with: begin with its vectors alone instead");
    }
    FastTextMatrix inputs = FastTextMatrix.of(this, needed);
    try {
      if (source.compression().isEmpty() && !in.skipFar(needed)) {
        throw endsIn("matrix");
      }
      int buckets = readMatrixHead("output matrix");
      if (buckets != 0) {
        throw broken("is damaged: it has outputs for other words than its own; fetch it again");
      }
      var outputs = FastTextMatrix.of(this, (long) Float.BYTES * dimension * words);
      return new FastTextFile(model(inputs.memory, outputs.memory), inputs, outputs);
    } catch (RuntimeException e) {
      inputs.close();
      throw e;
    }
  }

  private FastTextModel model(MemorySegment inputs, MemorySegment outputs) {
    var names = new String[words];
    int start = 0;
    for (int word = 0; word < words; word++) {
      names[word] = new String(labels, start, ends.get(word) - start, StandardCharsets.UTF_8);
      start = ends.get(word);
    }
    return new FastTextModel(
        List.of(names),
        counts.toArray(),
        tokens,
        rule,
        dimension,
        args[7] == SKIP_GRAM,
        args[1],
        args[2],
        args[3],
        args[4],
        sample,
        (row, into) -> copyRow(inputs, row, into, 0),
        (row, into) -> copyRow(outputs, row, into, 0));
  }

  /** Reads all that is before the numbers of the inputs; returns how many bytes those take. */
  private long readToInputs() {
    boolean oldest = readArguments();
    hasMarks = !oldest;
    readDictionary(oldest);
    int buckets = readMatrixHead("matrix");
    if (buckets != (rule == null ? 0 : rule.buckets()) && (rule != null || buckets < 0)) {
      throw broken(
          "is damaged: it has a matrix of %d rows for %d words and %d buckets; fetch it again"
              .formatted(words + buckets, words, rule == null ? 0 : rule.buckets()));
    }
    return (long) Float.BYTES * dimension * ((long) words + (rule == null ? 0 : rule.buckets()));
  }

  /** Reads what is before a matrix's numbers; returns how many rows more than words it has. */
  private int readMatrixHead(String part) {
    if (hasMarks) {
      need(1, part);
      if (in.nextByte() != 0) {
        throw broken(
            "is a quantised fastText model (.ftz), whose vectors are only approximate and are not"
                + " read; give the .bin file that it was made from");
      }
    }
    need(2 * Long.BYTES, part);
    long rows = in.nextLong();
    long columns = in.nextLong();
    if (columns != dimension || rows < 0 || rows > Integer.MAX_VALUE) {
      throw broken(
          "is damaged: it has a matrix of %d × %d for %d words and %d buckets of %d dimensions;"
                  .formatted(rows, columns, words, rule == null ? 0 : rule.buckets(), dimension)
              + " fetch it again");
    }
    return (int) rows - words;
  }

  VectorSource source() {
    return source;
  }

  ByteReader in() {
    return in;
  }

  Cancel cancel() {
    return cancel;
  }

  /** Reads what is before the dictionary; returns whether the file is of the oldest kind. */
  private boolean readArguments() {
    need(2 * Integer.BYTES, "header");
    int version = 0;
    boolean oldest = ByteBuffer.wrap(in.copy(4)).order(ByteOrder.LITTLE_ENDIAN).getInt() != MAGIC;
    if (!oldest) {
      in.skip(Integer.BYTES);
      version = in.nextInt();
      if (version != 11 && version != 12) {
        throw broken(
            "is a fastText model of version %d; versions 11 and 12 are read".formatted(version));
      }
    }
    need(ARGS, "header");
    for (int i = 0; i < args.length; i++) {
      args[i] = in.nextInt();
    }
    sample = in.nextDouble();
    if (!plausible(args)) {
      throw broken(
          "is no fastText model, or a damaged one: it says it was trained with " + named(args));
    }
    dimension = args[0];
    int buckets = args[8];
    int shortest = Math.max(1, args[9]);
    int longest = args[10];
    if (args[7] == SUPERVISED && version < 12) {
      longest = 0; // Supervised models had no n-grams of characters before version 12.
    }
    if (longest >= shortest) {
      if (buckets == 0) {
        throw broken("is damaged: it has n-grams, and no bucket for them; fetch it again");
      }
      rule = new SubwordRule(shortest, longest, buckets);
    }
    return oldest;
  }

  private static String named(int[] args) {
    return ("dim %d, ws %d, epoch %d, minCount %d, neg %d, wordNgrams %d, loss %d, model %d,"
            + " bucket %d, minn %d, maxn %d, lrUpdateRate %d")
        .formatted(Arrays.stream(args).boxed().toArray());
  }

  private void readDictionary(boolean oldest) {
    need(3 * Integer.BYTES + 2 * Long.BYTES, "dictionary");
    entries = in.nextInt();
    words = in.nextInt();
    int others = in.nextInt();
    tokens = in.nextLong();
    long pruned = oldest ? -1 : in.nextLong();
    if (entries < 0 || words < 0 || others < 0 || entries != (long) words + others) {
      throw broken(
          "is damaged: it has a dictionary of %d entries with %d words and %d labels; fetch it again"
              .formatted(entries, words, others));
    }
    for (int i = 0; i < entries; i++) {
      if ((i & 0xfff) == 0) {
        cancel.check();
        source.tell();
      }
      readEntry(i);
    }
    if (pruned > 0
        && !in.skipFar(Math.multiplyHigh(pruned, 8) == 0 ? pruned * 8 : Long.MAX_VALUE)) {
      throw endsIn("list of pruned n-grams");
    }
    if (pruned >= 0 && in.has(1) && in.bytes()[in.at()] == 0) {
      throw broken(
          "is a fastText model with pruned n-grams that is not quantised, which fastText itself"
              + " refuses; fetch it again");
    }
  }

  private void readEntry(int entry) {
    int length = in.find((byte) 0, LONGEST_WORD);
    if (length < 0 && in.has(LONGEST_WORD)) {
      throw broken(
          "is damaged: entry %d of its dictionary, at byte %d, has no end; fetch it again"
              .formatted(entry + 1, in.position()));
    }
    if (length < 0 || !in.has(length + 1 + Long.BYTES + 1)) {
      throw endsIn("dictionary, entry %d of %d".formatted(entry + 1, entries));
    }
    int from = in.at();
    in.skip(length + 1);
    long count = in.nextLong();
    byte type = in.nextByte();
    if (type != (entry < words ? 0 : 1) || count < 0) {
      throw broken(
          "is damaged: entry %d of its dictionary, with %d words, is of type %d with a count of %d;"
                  .formatted(entry + 1, words, type, count)
              + " fetch it again");
    }
    if (type == 0) {
      if (labels.length - labelBytes < length) {
        // What is doubled was read, so that the file's length is the bound.
        if (labels.length > Integer.MAX_VALUE / 2 - length) {
          throw broken("has words of more than a billion bytes in all, which is not read");
        }
        labels = Arrays.copyOf(labels, Math.max(labelBytes + length, 2 * labels.length));
      }
      System.arraycopy(in.bytes(), from, labels, labelBytes, length);
      labelBytes += length;
      ends.add(labelBytes);
      counts.add(count);
    }
  }

  private long readWords(WordSink sink, MemorySegment matrix, int wanted) throws IOException {
    int perTask = Math.max(1, TASK_BYTES / (Float.BYTES * dimension));
    long taken = 0;
    var free = new ArrayDeque<Batch>();
    try (var means = new Ordered<Batch>(options.threads())) {
      int given = 0;
      int takenUpTo = 0;
      while (true) {
        while (given < wanted && means.hasRoom()) {
          cancel.check();
          int from = given;
          int to = Math.min(wanted, from + perTask);
          Batch batch = free.isEmpty() ? new Batch(dimension, options) : free.pop();
          means.give(() -> mean(batch, matrix, from, to));
          given = to;
        }
        if (means.isEmpty()) {
          return taken;
        }
        Batch batch = means.take();
        batch.handOver(sink, tally, "word", takenUpTo);
        taken += batch.count();
        takenUpTo = Math.min(wanted, takenUpTo + perTask);
        tellRows(takenUpTo);
        free.push(batch);
      }
    }
  }

  /** Words from one to another, each with the mean of its row and those of its n-grams. */
  private Batch mean(Batch batch, MemorySegment matrix, int from, int to) {
    batch.clear();
    var grams = rule == null ? null : new Subwords.NGrams(rule);
    var row = new float[dimension];
    for (int word = from; word < to && !batch.ended(); word++) {
      int start = word == 0 ? 0 : ends.get(word - 1);
      int end = ends.get(word);
      float[] vectors = batch.vectors();
      int at = batch.next();
      copyRow(matrix, word, vectors, at);
      if (grams != null && !Subwords.isEndOfSentence(labels, start, end)) {
        int count = grams.find(labels, start, end);
        for (int i = 0; i < count; i++) {
          copyRow(matrix, (long) words + grams.bucket(i), row, 0);
          Subwords.add(row, vectors, at);
        }
        Subwords.scale(vectors, at, dimension, 1 + count);
      }
      batch.add(labels, start, end, word - from + 1, counts.get(word));
    }
    return batch;
  }

  private void copyRow(MemorySegment matrix, long row, float[] into, int at) {
    MemorySegment.copy(
        matrix, ByteReader.FLOAT, Float.BYTES * row * dimension, into, at, dimension);
  }

  private void readBuckets(WordSink sink, MemorySegment buckets, long rowBytes) throws IOException {
    long step = Math.max(1, TASK_BYTES / rowBytes) * rowBytes;
    var floats = new float[(int) (step / Float.BYTES)];
    for (long at = 0; at < buckets.byteSize(); at += step) {
      cancel.check();
      tellRows(words + at / rowBytes);
      MemorySegment piece = buckets.asSlice(at, Math.min(step, buckets.byteSize() - at));
      int count = (int) (piece.byteSize() / Float.BYTES);
      MemorySegment.copy(piece, ByteReader.FLOAT, 0, floats, 0, count);
      if (!Batch.finite(floats, 0, count)) {
        for (int row = 0; row < count; row += dimension) {
          if (!Batch.finite(floats, row, dimension)) {
            tally.notFinite("bucket " + (at / rowBytes + row / dimension));
            Arrays.fill(floats, row, row + dimension, 0);
          }
        }
        MemorySegment mended = MemorySegment.ofArray(new byte[(int) piece.byteSize()]);
        MemorySegment.copy(floats, 0, mended, ByteReader.FLOAT, 0, count);
        piece = mended;
      }
      sink.addBuckets(piece);
    }
  }

  /** Tells how far the mapped matrix is read; one that was packed has been told of already. */
  private void tellRows(long rows) {
    if (source.compression().isEmpty()) {
      source.tell(Math.max(source.position(), in.position() + Float.BYTES * dimension * rows));
    } else {
      source.tell();
    }
  }

  private void need(int count, String part) {
    if (!in.has(count)) {
      throw endsIn(part);
    }
  }

  PolysemeException endsIn(String part) {
    return broken(
        "is cut off: it ends in its %s, after byte %d; fetch it again%s"
            .formatted(
                part,
                source.position(),
                source.damage().isEmpty() ? "" : " (" + source.damage() + ")"));
  }

  PolysemeException broken(String what) {
    return new PolysemeException(source.file() + " " + what);
  }
}
