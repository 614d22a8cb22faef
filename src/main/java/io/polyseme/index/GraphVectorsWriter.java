package io.polyseme.index;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.codecs.KnnFieldVectorsWriter;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.hnsw.FlatVectorsFormat;
import org.apache.lucene.codecs.hnsw.FlatVectorsWriter;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.MergeState;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;
import org.apache.lucene.index.Sorter;
import org.apache.lucene.index.VectorEncoding;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.util.IORunnable;
import org.apache.lucene.util.IOUtils;
import org.apache.lucene.util.RamUsageEstimator;
import org.jspecify.annotations.Nullable;

/**
 * Writes the full vectors as Lucene does, and where segments are merged, a graph over them; {@link
 * GraphFile} has the layout.
 */
final class GraphVectorsWriter extends KnnVectorsWriter {
  /** What a graph is built by. */
  record Options(
      Encoding encoding,
      int m,
      int efConstruction,
      int threads,
      @Nullable ExecutorService executor) {}

  /** Fewer vectors are compared one by one as fast as a graph is searched. */
  private static final int LEAST = 1_000;

  private static final String INFO = "HNSW";

  /** What became of a field in a merge. */
  private record Merged(FieldInfo field, MergeState state) {}

  private final FlatVectorsFormat format;
  private final SegmentWriteState state;
  private final Options options;
  private final FlatVectorsWriter full;
  private final List<Merged> merged = new ArrayList<>();
  private boolean finished;

  GraphVectorsWriter(FlatVectorsFormat format, SegmentWriteState state, Options options)
      throws IOException {
    this.format = format;
    this.state = state;
    this.options = options;
    this.full = format.fieldsWriter(state);
  }

  @Override
  public KnnFieldVectorsWriter<?> addField(FieldInfo field) throws IOException {
    return full.addField(field);
  }

  @Override
  public void flush(int maxDoc, Sorter.@Nullable DocMap sortMap) throws IOException {
    full.flush(maxDoc, sortMap);
  }

  @Override
  public @Nullable IORunnable mergeOneField(FieldInfo field, MergeState mergeState)
      throws IOException {
    full.mergeOneFlatVectorField(field, mergeState);
    if (field.getVectorEncoding() == VectorEncoding.FLOAT32) {
      merged.add(new Merged(field, mergeState));
    }
    return null;
  }

  @Override
  public void finish() throws IOException {
    if (finished) {
      throw new IllegalStateException("already finished");
    }
    finished = true;
    try (full) { // its files are whole then, and read again below
      full.finish();
    }
    try (IndexOutput meta = output(GraphFile.META, GraphFile.META_CODEC);
        IndexOutput data = output(GraphFile.DATA, GraphFile.DATA_CODEC)) {
      if (!merged.isEmpty()) {
        var reading =
            new SegmentReadState(
                state.directory,
                state.segmentInfo,
                state.fieldInfos,
                state.context,
                state.segmentSuffix);
        try (KnnVectorsReader reader = format.fieldsReader(reading)) {
          for (Merged one : merged) {
            FloatVectorValues values = reader.getFloatVectorValues(one.field.name);
            if (values != null && values.size() >= LEAST) {
              meta.writeInt(one.field.number);
              write(one, values, data).write(meta);
            }
          }
        }
      }
      meta.writeInt(GraphFile.NO_MORE_FIELDS);
      CodecUtil.writeFooter(meta);
      CodecUtil.writeFooter(data);
    }
  }

  private IndexOutput output(String extension, String codec) throws IOException {
    IndexOutput out =
        state.directory.createOutput(
            IndexFileNames.segmentFileName(state.segmentInfo.name, state.segmentSuffix, extension),
            state.context);
    try {
      CodecUtil.writeIndexHeader(
          out, codec, GraphFile.VERSION, state.segmentInfo.getId(), state.segmentSuffix);
      return out;
    } catch (Throwable t) {
      IOUtils.closeWhileHandlingException(out);
      throw t;
    }
  }

  private GraphFile.Entry write(Merged one, FloatVectorValues values, IndexOutput data)
      throws IOException {
    int size = values.size();
    int dimension = values.dimension();
    var bytes =
        new CodeRows(
            Encoding.INT8,
            dimension,
            one.field.getVectorSimilarityFunction(),
            new float[dimension]);
    var mean = new float[dimension];
    String temporary = writeBytes(values, bytes, mean);
    try (IndexInput in = state.directory.openInput(temporary, IOContext.DEFAULT)) {
      MemorySegment rows = GraphFile.segment(in, 0, (long) size * bytes.stride());
      var builder =
          new GraphBuilder(
              size,
              options.m,
              options.efConstruction,
              one.field.getVectorSimilarityFunction(),
              () -> bytes.new Bytes(rows),
              options.threads,
              options.executor);
      long start = System.nanoTime();
      builder.build(
          count -> {
            one.state.checkAborted();
            if (one.state.infoStream.isEnabled(INFO)) {
              long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
              one.state.infoStream.message(INFO, "built " + count + " in " + millis + " ms");
            }
          });
      return options.encoding == Encoding.FLOAT32
          ? writeLinks(builder, size, dimension, data)
          : writeAll(one.field, builder, values, bytes, rows, mean, data);
    } finally {
      IOUtils.deleteFilesIgnoringExceptions(state.directory, temporary);
    }
  }

  /** The 8-bit rows that the graph is built by, in a file of their own; and the mean. */
  private String writeBytes(FloatVectorValues values, CodeRows bytes, float[] mean)
      throws IOException {
    CodeRows.Quantiser quantiser = bytes.new Quantiser();
    var sums = new double[mean.length];
    String name = null;
    boolean complete = false;
    try (IndexOutput out =
        state.directory.createTempOutput(state.segmentInfo.name, "graph", state.context)) {
      name = out.getName();
      for (int ord = 0; ord < values.size(); ord++) {
        float[] vector = values.vectorValue(ord);
        for (int d = 0; d < sums.length; d++) {
          sums[d] += vector[d];
        }
        out.writeBytes(quantiser.row(vector), bytes.stride());
      }
      complete = true;
    } finally {
      if (!complete && name != null) {
        IOUtils.deleteFilesIgnoringExceptions(state.directory, name);
      }
    }
    for (int d = 0; d < sums.length; d++) {
      mean[d] = (float) (sums[d] / values.size());
    }
    return name;
  }

  private GraphFile.Entry writeLinks(
      GraphBuilder builder, int size, int dimension, IndexOutput data) throws IOException {
    var neighbours = new int[builder.room()];
    int width = width(builder, size, neighbours);
    long links = data.alignFilePointer(GraphFile.ALIGNED);
    for (int node = 0; node < size; node++) {
      int count = builder.neighbours(node, neighbours);
      Arrays.fill(neighbours, count, neighbours.length, -1);
      GraphFile.writeInts(data, width, i -> neighbours[i]);
    }
    return new GraphFile.Entry(
        Encoding.FLOAT32,
        size,
        dimension,
        width,
        builder.seeds(),
        new float[dimension],
        links,
        0,
        0);
  }

  private static int width(GraphBuilder builder, int size, int[] neighbours) {
    int width = 1;
    for (int node = 0; node < size; node++) {
      width = Math.max(width, builder.neighbours(node, neighbours));
    }
    return width;
  }

  private GraphFile.Entry writeAll(
      FieldInfo field,
      GraphBuilder builder,
      FloatVectorValues values,
      CodeRows bytes,
      MemorySegment byteRows,
      float[] mean,
      IndexOutput data)
      throws IOException {
    int size = values.size();
    int dimension = values.dimension();
    var neighbours = new int[builder.room()];
    int width = width(builder, size, neighbours);
    int[] order = breadthFirst(builder, size, neighbours);
    var nodes = new int[size];
    for (int node = 0; node < size; node++) {
      nodes[order[node]] = node;
    }
    long links = data.alignFilePointer(GraphFile.ALIGNED);
    for (int ord : order) {
      int count = builder.neighbours(ord, neighbours);
      for (int i = 0; i < count; i++) {
        neighbours[i] = nodes[neighbours[i]];
      }
      Arrays.fill(neighbours, count, neighbours.length, -1);
      GraphFile.writeInts(data, width, i -> neighbours[i]);
    }
    long orders = data.alignFilePointer(GraphFile.ALIGNED);
    GraphFile.writeInts(data, size, node -> order[node]);
    GraphFile.writeInts(data, size, ord -> nodes[ord]);
    long rows = data.alignFilePointer(GraphFile.ALIGNED);
    int[] seeds = Arrays.stream(builder.seeds()).map(seed -> nodes[seed]).toArray();
    boolean same = options.encoding == Encoding.INT8;
    var entry =
        new GraphFile.Entry(
            options.encoding,
            size,
            dimension,
            width,
            seeds,
            same ? bytes.mean() : mean,
            links,
            orders,
            rows);
    if (same) {
      var row = new byte[bytes.stride()];
      MemorySegment copy = MemorySegment.ofArray(row);
      for (int ord : order) {
        MemorySegment.copy(byteRows, (long) ord * row.length, copy, 0, row.length);
        data.writeBytes(row, row.length);
      }
    } else {
      CodeRows codes = entry.codes(field);
      CodeRows.Quantiser quantiser = codes.new Quantiser();
      for (int ord : order) {
        data.writeBytes(quantiser.row(values.vectorValue(ord)), codes.stride());
      }
    }
    return entry;
  }

  /** The ordinals in the order that they are met from the seeds. */
  private static int[] breadthFirst(GraphBuilder builder, int size, int[] neighbours) {
    var order = new int[size];
    var met = new boolean[size];
    int tail = 0;
    for (int seed : builder.seeds()) {
      met[seed] = true;
      order[tail++] = seed;
    }
    int rest = 0;
    for (int head = 0; head < size; head++) {
      if (head == tail) {
        // A node that no way leads to is searched for by filters that compare all.
        while (met[rest]) {
          rest++;
        }
        met[rest] = true;
        order[tail++] = rest;
      }
      int count = builder.neighbours(order[head], neighbours);
      for (int i = 0; i < count; i++) {
        if (!met[neighbours[i]]) {
          met[neighbours[i]] = true;
          order[tail++] = neighbours[i];
        }
      }
    }
    return order;
  }

  @Override
  public long ramBytesUsed() {
    return RamUsageEstimator.shallowSizeOfInstance(GraphVectorsWriter.class) + full.ramBytesUsed();
  }

  @Override
  public void close() throws IOException {
    if (!finished) {
      full.close();
    }
  }
}
