package io.polyseme.index;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.lucene104.Lucene104HnswScalarQuantizedVectorsFormat;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.util.quantization.QuantizedByteVectorValues.ScalarEncoding;
import org.jspecify.annotations.Nullable;

/**
 * Lucene's HNSW formats under names of our own, which take more than Lucene's 1,024 dimensions and
 * build the graph once: a flushed part gets none, and only the final merge links the whole.
 *
 * <p>Lucene finds the formats of an index that it opens by name, through {@code META-INF/services},
 * and makes them by their public constructor without arguments; hence the public classes in here.
 */
final class VectorFormats {
  /** Enough for the widest encoders, and for several layers joined. */
  static final int MAX_DIMENSIONS = 32_768;

  private static final int NEVER_A_GRAPH = Integer.MAX_VALUE;

  /** A graph pays where a search would visit fewer vectors than there are: Lucene's own figure. */
  private static final int GRAPH_THRESHOLD = Lucene99HnswVectorsFormat.HNSW_GRAPH_THRESHOLD;

  private VectorFormats() {}

  /**
   * The format to write with.
   *
   * @param executor with {@code threads} threads; null for one thread
   */
  static KnnVectorsFormat writing(
      IndexOptions options, int threads, @Nullable ExecutorService executor) {
    int workers = executor == null ? 1 : threads;
    int m = options.m();
    int ef = options.efConstruction();
    return switch (options.encoding()) {
      case FLOAT32 ->
          new Float32(
              new Lucene99HnswVectorsFormat(m, ef, 1, null, NEVER_A_GRAPH),
              new Lucene99HnswVectorsFormat(m, ef, workers, executor, GRAPH_THRESHOLD));
      case INT8 -> quantised(ScalarEncoding.UNSIGNED_BYTE, m, ef, workers, executor);
      case INT4 -> quantised(ScalarEncoding.PACKED_NIBBLE, m, ef, workers, executor);
      case INT1 -> quantised(ScalarEncoding.SINGLE_BIT_QUERY_NIBBLE, m, ef, workers, executor);
    };
  }

  private static Quantised quantised(
      ScalarEncoding encoding, int m, int ef, int workers, @Nullable ExecutorService executor) {
    return new Quantised(
        new Lucene104HnswScalarQuantizedVectorsFormat(encoding, m, ef, 1, null, NEVER_A_GRAPH),
        new Lucene104HnswScalarQuantizedVectorsFormat(
            encoding, m, ef, workers, executor, GRAPH_THRESHOLD));
  }

  /** What the formats share. */
  abstract static class Delegating extends KnnVectorsFormat {
    private final KnnVectorsFormat flushing;
    private final KnnVectorsFormat merging;

    Delegating(String name, KnnVectorsFormat flushing, KnnVectorsFormat merging) {
      super(name);
      this.flushing = flushing;
      this.merging = merging;
    }

    @Override
    public KnnVectorsWriter fieldsWriter(SegmentWriteState state) throws IOException {
      boolean merge = state.context.context() == IOContext.Context.MERGE;
      return (merge ? merging : flushing).fieldsWriter(state);
    }

    @Override
    public KnnVectorsReader fieldsReader(SegmentReadState state) throws IOException {
      return merging.fieldsReader(state);
    }

    @Override
    public int getMaxDimensions(String field) {
      return MAX_DIMENSIONS;
    }
  }

  /** Full vectors. */
  public static final class Float32 extends Delegating {
    /** For reading, by Lucene. */
    public Float32() {
      this(new Lucene99HnswVectorsFormat(), new Lucene99HnswVectorsFormat());
    }

    private Float32(KnnVectorsFormat flushing, KnnVectorsFormat merging) {
      super("PolysemeFloat32", flushing, merging);
    }
  }

  /** Quantised vectors beside the full ones. */
  public static final class Quantised extends Delegating {
    /** For reading, by Lucene; the file itself says how many bits. */
    public Quantised() {
      this(
          new Lucene104HnswScalarQuantizedVectorsFormat(),
          new Lucene104HnswScalarQuantizedVectorsFormat());
    }

    private Quantised(KnnVectorsFormat flushing, KnnVectorsFormat merging) {
      super("PolysemeQuantised", flushing, merging);
    }
  }
}
