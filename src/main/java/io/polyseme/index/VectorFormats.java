package io.polyseme.index;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.hnsw.FlatVectorScorerUtil;
import org.apache.lucene.codecs.hnsw.FlatVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104HnswScalarQuantizedVectorsFormat;
import org.apache.lucene.codecs.lucene99.Lucene99FlatVectorsFormat;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;
import org.jspecify.annotations.Nullable;

/**
 * How Lucene keeps our vectors: by a graph of our own, or, in indexes of older versions, by
 * Lucene's HNSW formats under names of our own.
 *
 * <p>Lucene finds the formats of an index that it opens by name, through {@code META-INF/services},
 * and makes them by their public constructor without arguments; hence the public classes in here.
 */
final class VectorFormats {
  /** Enough for the widest encoders, and for several layers joined. */
  static final int MAX_DIMENSIONS = 32_768;

  private VectorFormats() {}

  /**
   * The format to write with.
   *
   * @param executor with {@code threads} threads; null for one thread
   */
  static KnnVectorsFormat writing(
      IndexOptions options, int threads, @Nullable ExecutorService executor) {
    return new Graph(
        new GraphVectorsWriter.Options(
            options.encoding(), options.m(), options.efConstruction(), threads, executor));
  }

  /**
   * The full vectors as Lucene keeps them, and for merged segments a graph of one level over
   * vectors of fewer bits, which a search reads. A flushed segment has none: the next merge links
   * the whole.
   */
  public static final class Graph extends KnnVectorsFormat {
    private final FlatVectorsFormat full =
        new Lucene99FlatVectorsFormat(FlatVectorScorerUtil.getLucene99FlatVectorsScorer());

    private final GraphVectorsWriter.@Nullable Options options;

    /** For reading, by Lucene. */
    public Graph() {
      this(null);
    }

    private Graph(GraphVectorsWriter.@Nullable Options options) {
      super("PolysemeGraph");
      this.options = options;
    }

    @Override
    public KnnVectorsWriter fieldsWriter(SegmentWriteState state) throws IOException {
      if (options == null) {
        throw new IllegalStateException("this format was made for reading");
      }
      return new GraphVectorsWriter(full, state, options);
    }

    @Override
    public KnnVectorsReader fieldsReader(SegmentReadState state) throws IOException {
      return new GraphVectorsReader(full, state);
    }

    @Override
    public int getMaxDimensions(String field) {
      return MAX_DIMENSIONS;
    }
  }

  /** Lucene's formats, which are only read. */
  abstract static class Older extends KnnVectorsFormat {
    private final KnnVectorsFormat format;

    Older(String name, KnnVectorsFormat format) {
      super(name);
      this.format = format;
    }

    @Override
    public KnnVectorsWriter fieldsWriter(SegmentWriteState state) throws IOException {
      return format.fieldsWriter(state);
    }

    @Override
    public KnnVectorsReader fieldsReader(SegmentReadState state) throws IOException {
      return format.fieldsReader(state);
    }

    @Override
    public int getMaxDimensions(String field) {
      return MAX_DIMENSIONS;
    }
  }

  /** Full vectors. */
  public static final class Float32 extends Older {
    /** For reading, by Lucene. */
    public Float32() {
      super("PolysemeFloat32", new Lucene99HnswVectorsFormat());
    }
  }

  /** Quantised vectors beside the full ones. */
  public static final class Quantised extends Older {
    /** For reading, by Lucene; the file itself says how many bits. */
    public Quantised() {
      super("PolysemeQuantised", new Lucene104HnswScalarQuantizedVectorsFormat());
    }
  }
}
