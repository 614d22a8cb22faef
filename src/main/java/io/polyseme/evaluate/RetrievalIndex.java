package io.polyseme.evaluate;

import com.google.gson.stream.JsonWriter;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.evaluate.RetrievalSet.Document;
import io.polyseme.index.OpenOptions;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.search.BuildReport;
import io.polyseme.search.IndexSearch;
import io.polyseme.search.Indexing;
import io.polyseme.search.Passage;
import io.polyseme.search.SearchRequest;
import io.polyseme.train.WordSpaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * The documents of a test collection, indexed and asked as any user's texts are: written to a file
 * of JSON lines, built into an index of the source {@code lines}, and searched by {@link
 * IndexSearch}. Thread-safe; closed by whoever built it.
 */
public final class RetrievalIndex implements AutoCloseable {
  private static final String ID = "id";

  /** Room for the vectors of some ten thousand queries, which every way of asking needs. */
  private static final long CACHE = 32 << 20;

  private final IndexSearch search;
  private final List<String> warnings;

  private RetrievalIndex(IndexSearch search, List<String> warnings) {
    this.search = search;
    this.warnings = warnings;
  }

  /**
   * Indexes documents. A folder that was used before is brought up to date: what is in it already,
   * by the same model, is not encoded again.
   *
   * @param work where the file and the index are kept
   * @param documents of different ids, at least one
   * @param model the encoder; empty for the usual one of the documents' script
   * @throws PolysemeException if the folder cannot be written, the model is not there, or it cannot
   *     encode a document: a collection with holes is no measure
   * @throws io.polyseme.CancelledException if cancelled; what is in the folder stays as it was
   */
  public static RetrievalIndex build(
      Path work,
      List<Document> documents,
      String model,
      EncoderOptions options,
      Progress progress,
      Cancel cancel) {
    Path texts = work.resolve("documents.jsonl");
    write(documents, texts);
    ModelStore models = ModelStore.standard();
    Path folder = work.resolve("index");
    BuildReport report =
        new Indexing(models, new WordSpaces(models, options), options)
            .build(folder, Recipe.of("lines").withModel(model), texts, progress, cancel);
    if (report.failed() > 0) {
      throw new PolysemeException(
          "%,d of %,d documents could not be encoded; the first: %s"
              .formatted(report.failed(), documents.size(), report.warnings().getFirst()));
    }
    return new RetrievalIndex(
        new IndexSearch(
            VectorIndex.open(folder, OpenOptions.DEFAULT),
            models,
            options.withCacheBytes(CACHE),
            progress),
        report.warnings());
  }

  private static void write(List<Document> documents, Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (var out = Files.newBufferedWriter(file)) {
        for (Document document : documents) {
          var json = new JsonWriter(out);
          json.beginObject();
          json.name(ID).value(document.id());
          json.name("text").value(document.text());
          json.endObject();
          out.write('\n');
        }
      }
    } catch (IOException e) {
      throw new PolysemeException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /** What the person who reads the figures should know of the building. */
  public List<String> warnings() {
    return warnings;
  }

  /** The name of the model that encoded the documents. */
  public String model() {
    return search.index().info().maker().model();
  }

  /**
   * A way of asking.
   *
   * @param how changes the default search for a query: its mode, say
   */
  public Ranker ranker(Function<SearchRequest, SearchRequest> how, Cancel cancel) {
    return (query, depth) ->
        search
            .search(how.apply(SearchRequest.of(query)).withK(depth).withGroupBy(ID), cancel)
            .passages()
            .stream()
            .map(RetrievalIndex::id)
            .toList();
  }

  private static String id(Passage passage) {
    return passage.fields().get(ID);
  }

  @Override
  public void close() {
    search.close();
  }
}
