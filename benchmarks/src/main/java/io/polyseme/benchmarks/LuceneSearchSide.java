package io.polyseme.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.AcceptDocs;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopKnnCollector;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/** Lucene's own HNSW over full vectors, M 16; as it comes out of an IndexWriter, or merged. */
final class LuceneSearchSide implements SearchSide {
  private static final String VECTOR = "vector";
  private static final String NUMBER = "number";
  private static final int THREADS = 2;

  private final Path folder;

  /** What is merged to one segment; null for Lucene as it comes. */
  private final LuceneSearchSide source;

  private double seconds;
  private final List<LeafReaderContext> leaves = new ArrayList<>();
  private Directory directory;
  private DirectoryReader reader;
  private int[] numbers = new int[0];

  LuceneSearchSide(Path folder, LuceneSearchSide source) {
    this.folder = folder;
    this.source = source;
  }

  @Override
  public String name() {
    return source == null ? "Lucene as it comes" : "Lucene, one segment";
  }

  @Override
  public double build(SearchVectors vectors) throws IOException {
    SearchSide.clear(folder);
    if (source != null) {
      SearchSide.copy(source.folder, folder);
    }
    long start = System.nanoTime();
    try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
      KnnVectorsFormat format = new Lucene99HnswVectorsFormat(16, 100, THREADS, executor);
      var configuration =
          new IndexWriterConfig()
              .setUseCompoundFile(false)
              .setCodec(
                  new Lucene104Codec() {
                    @Override
                    public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
                      return format;
                    }
                  });
      FieldType type =
          KnnFloatVectorField.createFieldType(
              vectors.dimension(), VectorSimilarityFunction.DOT_PRODUCT);
      try (Directory opened = FSDirectory.open(folder);
          var writer = new IndexWriter(opened, configuration)) {
        if (source == null) {
          add(vectors, type, writer, executor);
        } else {
          writer.forceMerge(1);
        }
        writer.commit();
      } catch (InterruptedException | ExecutionException e) {
        throw new IOException(e);
      }
    }
    seconds = (System.nanoTime() - start) / 1e9 + (source == null ? 0 : source.seconds);
    open();
    return seconds;
  }

  private static void add(
      SearchVectors vectors, FieldType type, IndexWriter writer, ExecutorService executor)
      throws InterruptedException, ExecutionException {
    var workers = new ArrayList<Future<?>>();
    for (int t = 0; t < THREADS; t++) {
      int from = (int) ((long) vectors.size() * t / THREADS);
      int to = (int) ((long) vectors.size() * (t + 1) / THREADS);
      workers.add(
          executor.submit(
              () -> {
                for (int i = from; i < to; i++) {
                  var document = new Document();
                  document.add(new KnnFloatVectorField(VECTOR, vectors.vector(i), type));
                  document.add(new NumericDocValuesField(NUMBER, i));
                  writer.addDocument(document);
                }
                return null;
              }));
    }
    for (Future<?> worker : workers) {
      worker.get();
    }
  }

  private void open() throws IOException {
    directory = FSDirectory.open(folder);
    reader = DirectoryReader.open(directory);
    leaves.addAll(reader.leaves());
    numbers = new int[reader.maxDoc()];
    for (LeafReaderContext leaf : leaves) {
      NumericDocValues values = leaf.reader().getNumericDocValues(NUMBER);
      for (int doc = values.nextDoc();
          doc != NumericDocValues.NO_MORE_DOCS;
          doc = values.nextDoc()) {
        numbers[leaf.docBase + doc] = (int) values.longValue();
      }
    }
  }

  int segments() {
    return leaves.size();
  }

  @Override
  public int[] search(float[] query, int efSearch) throws IOException {
    var parts = new TopDocs[leaves.size()];
    for (int i = 0; i < parts.length; i++) {
      LeafReaderContext leaf = leaves.get(i);
      var collector = new TopKnnCollector(efSearch, Integer.MAX_VALUE);
      leaf.reader()
          .searchNearestVectors(
              VECTOR, query, collector, AcceptDocs.fromLiveDocs(null, leaf.reader().maxDoc()));
      parts[i] = collector.topDocs();
      for (ScoreDoc hit : parts[i].scoreDocs) {
        hit.doc += leaf.docBase;
      }
    }
    ScoreDoc[] best = parts.length == 1 ? parts[0].scoreDocs : TopDocs.merge(10, parts).scoreDocs;
    var found = new int[Math.min(10, best.length)];
    for (int i = 0; i < found.length; i++) {
      found[i] = numbers[best[i].doc];
    }
    return found;
  }

  @Override
  public long bytes() throws IOException {
    return SearchSide.bytes(folder);
  }

  @Override
  public void close() throws IOException {
    reader.close();
    directory.close();
  }
}
