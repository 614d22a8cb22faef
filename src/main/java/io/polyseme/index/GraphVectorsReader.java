package io.polyseme.index;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.hnsw.FlatVectorsFormat;
import org.apache.lucene.codecs.hnsw.FlatVectorsReader;
import org.apache.lucene.codecs.lucene95.HasIndexSlice;
import org.apache.lucene.index.ByteVectorValues;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.KnnVectorValues.DocIndexIterator;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.search.AcceptDocs;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.KnnCollector;
import org.apache.lucene.store.ChecksumIndexInput;
import org.apache.lucene.store.DataAccessHint;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.IOUtils;
import org.apache.lucene.util.hnsw.RandomVectorScorer;
import org.jspecify.annotations.Nullable;

/** Reads what {@link GraphVectorsWriter} wrote. Thread-safe. */
final class GraphVectorsReader extends KnnVectorsReader {
  /** About how many nodes a search compares for each that it keeps, and besides. */
  private static final int COMPARED_FOR_ONE = 12;

  private static final int COMPARED_AT_LEAST = 1_000;

  private final FlatVectorsReader full;
  private final IndexInput data;
  private final Map<String, Graph> graphs = new HashMap<>();

  GraphVectorsReader(FlatVectorsFormat format, SegmentReadState state) throws IOException {
    FlatVectorsReader openedFull = null;
    IndexInput openedData = null;
    boolean complete = false;
    try {
      openedFull = format.fieldsReader(state);
      openedData = state.directory.openInput(name(state, GraphFile.DATA), state.context);
      CodecUtil.checkIndexHeader(
          openedData,
          GraphFile.DATA_CODEC,
          GraphFile.VERSION,
          GraphFile.VERSION,
          state.segmentInfo.getId(),
          state.segmentSuffix);
      CodecUtil.retrieveChecksum(openedData);
      readMeta(state, openedFull, openedData);
      complete = true;
    } finally {
      if (!complete) {
        IOUtils.closeWhileHandlingException(openedFull, openedData);
      }
    }
    this.full = openedFull;
    this.data = openedData;
  }

  private static String name(SegmentReadState state, String extension) {
    return IndexFileNames.segmentFileName(state.segmentInfo.name, state.segmentSuffix, extension);
  }

  private void readMeta(SegmentReadState state, FlatVectorsReader full, IndexInput data)
      throws IOException {
    String name = name(state, GraphFile.META);
    try (ChecksumIndexInput meta = state.directory.openChecksumInput(name)) {
      Throwable trouble = null;
      try {
        CodecUtil.checkIndexHeader(
            meta,
            GraphFile.META_CODEC,
            GraphFile.VERSION,
            GraphFile.VERSION,
            state.segmentInfo.getId(),
            state.segmentSuffix);
        for (int number = meta.readInt();
            number != GraphFile.NO_MORE_FIELDS;
            number = meta.readInt()) {
          FieldInfo field = state.fieldInfos.fieldInfo(number);
          if (field == null) {
            throw new CorruptIndexException("unknown field " + number, meta);
          }
          GraphFile.Entry entry = GraphFile.Entry.read(meta, field);
          graphs.put(field.name, new Graph(field, entry, full, data));
        }
      } catch (Throwable t) {
        trouble = t;
      } finally {
        CodecUtil.checkFooter(meta, trouble);
      }
    }
  }

  /** A field's graph, mapped. */
  private static final class Graph {
    final FieldInfo field;
    final GraphFile.Entry entry;
    private final MemorySegment links;
    private final @Nullable MemorySegment order;
    private final MemorySegment rows;

    /** What searches need for themselves; as many as there were searches at a time. */
    private final ConcurrentLinkedDeque<Search> idle = new ConcurrentLinkedDeque<>();

    Graph(FieldInfo field, GraphFile.Entry entry, FlatVectorsReader full, IndexInput data)
        throws IOException {
      this.field = field;
      this.entry = entry;
      long size = entry.size();
      FloatVectorValues values = full.getFloatVectorValues(field.name);
      if (values == null || values.size() != size) {
        throw new CorruptIndexException("a graph without its vectors", data);
      }
      long linksLength = 4 * size * entry.width();
      if (entry.encoding() == Encoding.FLOAT32) {
        check(data, entry.links(), linksLength);
        this.order = null;
        this.rows = rows(values);
      } else {
        long rowsLength = size * entry.codes(field).stride();
        check(data, entry.links(), linksLength);
        check(data, entry.order(), 8 * size);
        check(data, entry.rows(), rowsLength);
        this.order = GraphFile.segment(data, entry.order(), 8 * size);
        this.rows = GraphFile.segment(data, entry.rows(), rowsLength);
      }
      this.links = GraphFile.segment(data, entry.links(), linksLength);
    }

    private static void check(IndexInput data, long from, long length) throws IOException {
      if (from < 0 || from > GraphFile.end(data) - length) {
        throw new CorruptIndexException("a graph of %d bytes at %d".formatted(length, from), data);
      }
    }

    private MemorySegment rows(FloatVectorValues values) throws IOException {
      long length = 4L * values.size() * values.dimension();
      if (values instanceof HasIndexSlice slice && slice.getSlice() instanceof IndexInput input) {
        return GraphFile.segment(input, 0, length);
      }
      throw new IOException("the vectors are in no file");
    }

    NodeScorer scorer() {
      return entry.encoding() == Encoding.FLOAT32
          ? NodeScorer.full(rows, entry.dimension(), field.getVectorSimilarityFunction())
          : entry.codes(field).scorer(rows);
    }

    int neighbours(int node, int[] into) {
      long at = 4L * node * entry.width();
      for (int i = 0; i < into.length; i++) {
        int neighbour = links.get(CodeKernels.INT, at + 4L * i);
        if (neighbour < 0) {
          return i;
        }
        into[i] = neighbour;
      }
      return into.length;
    }

    int ordinal(int node) {
      return order == null ? node : order.get(CodeKernels.INT, 4L * node);
    }

    int node(int ordinal) {
      return order == null
          ? ordinal
          : order.get(CodeKernels.INT, 4L * (entry.size() + (long) ordinal));
    }

    Search take() {
      Search search = idle.poll();
      return search == null ? new Search(this) : search;
    }
  }

  /** What one search at a time needs. */
  private static final class Search {
    final Graph graph;
    final Beam beam;
    final NodeScorer scorer;

    Search(Graph graph) {
      this.graph = graph;
      this.scorer = graph.scorer();
      GraphFile.Entry entry = graph.entry;
      this.beam = new Beam(graph::neighbours, entry.size(), entry.width(), entry.seeds());
    }

    /**
     * Where few are accepted, all of them are compared; else the graph is searched, and if that
     * leads through more than there are to compare, they are compared after all.
     */
    void run(float[] target, int width, AcceptDocs accept, FloatVectorValues values)
        throws IOException {
      scorer.target(target);
      Bits bits = accept.bits();
      if (bits == null) {
        beam.search(scorer, width, graph.entry.seeds().length);
        return;
      }
      long size = graph.entry.size();
      long accepted = Math.max(1, accept.cost());
      double throughGraph =
          (COMPARED_AT_LEAST + (double) COMPARED_FOR_ONE * width) * size / accepted;
      if (accepted > throughGraph
          && beam.search(
              scorer, width, node -> bits.get(values.ordToDoc(graph.ordinal(node))), accepted)) {
        return;
      }
      beam.scan(scorer, width, new Accepted(graph, values.iterator(), accept.iterator()));
    }
  }

  /** The nodes of the documents that are accepted. */
  private static final class Accepted implements Beam.Nodes {
    private final Graph graph;
    private final DocIndexIterator ordinals;
    private final DocIdSetIterator docs;

    Accepted(Graph graph, DocIndexIterator ordinals, DocIdSetIterator docs) {
      this.graph = graph;
      this.ordinals = ordinals;
      this.docs = docs;
    }

    @Override
    public int next(int[] into) throws IOException {
      int count = 0;
      while (count < into.length && docs.docID() != DocIdSetIterator.NO_MORE_DOCS) {
        int doc = docs.nextDoc();
        if (doc == DocIdSetIterator.NO_MORE_DOCS) {
          break;
        }
        int at = ordinals.docID() < doc ? ordinals.advance(doc) : ordinals.docID();
        if (at == doc) {
          into[count++] = graph.node(ordinals.index());
        }
      }
      return count;
    }
  }

  @Override
  public void search(String field, float[] target, KnnCollector collector, AcceptDocs accept)
      throws IOException {
    Graph graph = graphs.get(field);
    if (graph == null) {
      compareAll(full.getRandomVectorScorer(field, target), collector, accept);
      return;
    }
    int width = Math.min(collector.k(), graph.entry.size());
    if (width == 0) {
      return;
    }
    FloatVectorValues values = full.getFloatVectorValues(field);
    Search search = graph.take();
    search.run(target, width, accept, values);
    collector.incVisitedCount((int) Math.min(Integer.MAX_VALUE, search.beam.compared()));
    int count =
        GraphSearchStrategy.wanted(collector.getSearchStrategy(), graph.entry, search.beam.size());
    for (int i = 0; i < count; i++) {
      collector.collect(
          values.ordToDoc(graph.ordinal(search.beam.node(i))),
          NodeScorer.toLucene(search.beam.score(i), graph.field.getVectorSimilarityFunction()));
    }
    graph.idle.push(search);
  }

  @Override
  public void search(String field, byte[] target, KnnCollector collector, AcceptDocs accept)
      throws IOException {
    compareAll(full.getRandomVectorScorer(field, target), collector, accept);
  }

  /** For the few vectors of a segment that was not merged yet. */
  private static void compareAll(
      @Nullable RandomVectorScorer scorer, KnnCollector collector, AcceptDocs accept)
      throws IOException {
    if (scorer == null || collector.k() == 0) {
      return;
    }
    Bits bits = scorer.getAcceptOrds(accept.bits());
    for (int ord = 0; ord < scorer.maxOrd(); ord++) {
      if (bits == null || bits.get(ord)) {
        if (collector.earlyTerminated()) {
          return;
        }
        collector.incVisitedCount(1);
        collector.collect(scorer.ordToDoc(ord), scorer.score(ord));
      }
    }
  }

  @Override
  public @Nullable FloatVectorValues getFloatVectorValues(String field) throws IOException {
    return full.getFloatVectorValues(field);
  }

  @Override
  public @Nullable FloatVectorValues getFloatVectorValues(String field, DataAccessHint hint)
      throws IOException {
    return full.getFloatVectorValues(field, hint);
  }

  @Override
  public @Nullable ByteVectorValues getByteVectorValues(String field) throws IOException {
    return full.getByteVectorValues(field);
  }

  @Override
  public int getVectorCount(FieldInfo field) throws IOException {
    return full.getVectorCount(field);
  }

  @Override
  public Map<String, Long> getOffHeapByteSize(FieldInfo field) {
    Map<String, Long> sizes = full.getOffHeapByteSize(field);
    Graph graph = graphs.get(field.name);
    if (graph == null) {
      return sizes;
    }
    long bytes = graph.links.byteSize();
    if (graph.order != null) {
      bytes += graph.order.byteSize() + graph.rows.byteSize();
    }
    return KnnVectorsReader.mergeOffHeapByteSizeMaps(sizes, Map.of(GraphFile.DATA, bytes));
  }

  @Override
  public void checkIntegrity() throws IOException {
    full.checkIntegrity();
    CodecUtil.checksumEntireFile(data);
  }

  @Override
  public void close() throws IOException {
    IOUtils.close(full, data);
  }
}
