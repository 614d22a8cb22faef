package example;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.search.FilterSyntax;
import io.polyseme.search.IndexSearch;
import io.polyseme.search.Indexing;
import io.polyseme.search.IndexingOptions;
import io.polyseme.search.Question;
import io.polyseme.search.SearchRequest;
import io.polyseme.train.WordSpaces;
import java.nio.file.Path;
import java.util.List;

/** A folder of documents, indexed and asked. */
public final class DocumentSearch {
  public static void main(String[] args) {
    var models = ModelStore.standard();
    var options = EncoderOptions.DEFAULT;
    Path folder = Path.of("target", "documents.index");
    var indexing = new Indexing(models, new WordSpaces(models, options), options);
    // Run it again, and only what changed is read and encoded.
    indexing.build(
        folder,
        Recipe.of(Indexing.DOCUMENTS),
        List.of("documents"),
        IndexingOptions.DEFAULT,
        Progress.NONE,
        Cancel.create());

    try (var search = new IndexSearch(VectorIndex.open(folder), models, options, Progress.NONE)) {
      show(search, SearchRequest.of("who does the bookkeeping?").withK(2));
      show(
          search,
          SearchRequest.of("we need a loan").withFilter(FilterSyntax.parse("date >= 2025")));
      Question bank = Question.of("bank").with(new Question.Text("money, loans, accounts", -0.5));
      show(search, SearchRequest.of(bank).withK(2));
    }
  }

  private static void show(IndexSearch search, SearchRequest request) {
    search
        .search(request, Cancel.create())
        .passages()
        .forEach(
            passage ->
                System.out.printf(
                    "%d  %-14s %.60s...%n",
                    passage.rank(), passage.label(), passage.text().replace('\n', ' ')));
    System.out.println();
  }
}
