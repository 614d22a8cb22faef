package io.polyseme.cli;

import io.polyseme.PolysemeException;
import io.polyseme.document.DocumentFormat;
import io.polyseme.document.DocumentOptions;
import io.polyseme.index.Encoding;
import io.polyseme.index.IndexCatalog;
import io.polyseme.index.IndexOptions;
import io.polyseme.index.OpenOptions;
import io.polyseme.index.Recipe;
import io.polyseme.index.TextOptions;
import io.polyseme.index.VectorIndex;
import io.polyseme.search.Indexing;
import io.polyseme.search.IndexingOptions;
import io.polyseme.vector.Similarity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What commands that build an index are asked: its name, its source and how it is made. */
abstract class Building extends Command {
  @Parameters(paramLabel = "NAME_OR_PATH", description = "The index: a name, or a folder.")
  String name = "";

  @Option(
      names = "--from",
      paramLabel = "PLACE",
      description =
          "What is read: a file, a folder with all below it, a pattern ('notes/**/*.md'), - for the"
              + " standard input. Documents are read from several places.")
  List<String> from = new ArrayList<>();

  @Option(
      names = "--recipe",
      paramLabel = "RECIPE",
      description = "A recipe's name or file (default: the one of the index's name).")
  @Nullable String recipeName;

  @Option(
      names = "--source",
      paramLabel = "SOURCE",
      description = "What is indexed (default: documents).")
  @Nullable String source;

  @Option(
      names = {"--words", "--word"},
      split = ",",
      paramLabel = "WORD",
      description = "Only the usages of these words (--source usages is understood).")
  List<String> words = new ArrayList<>();

  @Option(
      names = "--lemmatise",
      description =
          "Put a chosen word's base form in its place before it is encoded: what is found is then"
              + " of its meaning and not of its form. Each usage is encoded on its own.")
  boolean lemmatise;

  @Option(
      names = "--field",
      split = ",",
      paramLabel = "NAME",
      description =
          "Of rows and JSON objects, where the text is; of documents several, joined (default:"
              + " text).")
  List<String> fields = new ArrayList<>();

  @Option(
      names = "--id-field",
      paramLabel = "NAME",
      description = "Of rows and JSON objects, what names a text (default: id).")
  @Nullable String idField;

  @Option(names = "--model", paramLabel = "MODEL", description = "The model (default: by script).")
  @Nullable String model;

  @Option(names = "--layer", paramLabel = "LAYER", description = "The layer (default: last).")
  @Nullable String layer;

  @Option(names = "--similarity", paramLabel = "S", description = "cosine, dot-product, euclidean.")
  @Nullable String similarity;

  @Option(
      names = "--encoding",
      paramLabel = "E",
      description = "What the graph search reads: float32, int8, int4, int1.")
  @Nullable String encoding;

  @Option(names = "--m", paramLabel = "M", description = "Neighbours of a node in the graph.")
  @Nullable Integer m;

  @Option(
      names = "--ef-construction",
      paramLabel = "N",
      description = "Candidates kept while a node is linked.")
  @Nullable Integer efConstruction;

  @Option(
      names = "--title-field",
      paramLabel = "NAME",
      description = "Of rows and JSON objects, the document's title (default: title).")
  @Nullable String titleField;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "How the documents are written, whatever their names: text, markdown, html, csv, tsv,"
              + " jsonl, json, pdf, office.")
  @Nullable String format;

  @Option(
      names = "--chunk",
      paramLabel = "TOKENS",
      description = "The most tokens of a document's chunk (default: 200).")
  @Nullable Integer chunk;

  @Option(
      names = "--overlap",
      paramLabel = "TOKENS",
      description = "The most tokens that a chunk shares with the one before it (default: 40).")
  @Nullable Integer overlap;

  @Option(
      names = "--late",
      description =
          "Pool each chunk out of the text around it (late chunking), and not out of itself"
              + " alone.")
  boolean late;

  @Option(
      names = "--skip-duplicates",
      description = "Leave out a chunk whose words stand in one before it.")
  boolean skipDuplicates;

  @Option(
      names = "--add",
      description = "Keep what the index has and the source has not: add to it, or update by id.")
  boolean add;

  Building(Terminal terminal) {
    super(terminal);
  }

  /** How an index that is there was made: building it again needs no option a second time. */
  private Optional<Recipe> recorded(IndexCatalog catalog) {
    try (VectorIndex index = catalog.open(name, OpenOptions.DEFAULT)) {
      return Optional.of(index.recipe());
    } catch (PolysemeException e) {
      return Optional.empty(); // there is none, or none that can be read
    }
  }

  /** The recipe of the index, with what the options say. */
  Recipe recipe(IndexCatalog catalog) {
    Recipe recipe =
        recipeName != null
            ? catalog
                .recipe(recipeName)
                .orElseThrow(
                    () ->
                        new PolysemeException(
                            "there is no recipe \"%s\"; there are %s"
                                .formatted(recipeName, catalog.recipes())))
            : catalog
                .recipe(name)
                .or(() -> recorded(catalog))
                .orElse(Recipe.of(source == null ? Indexing.DOCUMENTS : source));
    if (source != null) {
      recipe = recipe.withSource(source);
    }
    if (!words.isEmpty()) {
      if (source != null && !source.equals("usages")) {
        throw wrongUse("--words is for --source usages");
      }
      recipe = recipe.withSource("usages:" + String.join(",", words));
    }
    if (lemmatise) {
      recipe = recipe.withLemmatise(true);
    }
    if (!fields.isEmpty()) {
      recipe = recipe.withText(String.join(",", fields));
    }
    if (idField != null) {
      recipe = recipe.withLabel(idField);
    }
    if (model != null) {
      recipe = recipe.withModel(model);
    }
    if (layer != null) {
      recipe = recipe.withLayer(layer);
    }
    recipe = recipe.withTexts(texts(recipe));
    IndexOptions options = recipe.options();
    if (similarity != null) {
      options = options.withSimilarity(option("--similarity", similarity, Similarity.class));
    }
    if (encoding != null) {
      options = options.withEncoding(option("--encoding", encoding, Encoding.class));
    }
    if (m != null) {
      options = options.withM(m);
    }
    if (efConstruction != null) {
      options = options.withEfConstruction(efConstruction);
    }
    return recipe.withOptions(options);
  }

  private TextOptions texts(Recipe recipe) {
    TextOptions texts = recipe.texts();
    int tokens = chunk == null ? texts.chunk() : chunk;
    if (tokens < 16) {
      throw wrongUse("--chunk must be at least 16, and is " + tokens);
    }
    // A smaller chunk than the usual one has a smaller overlap where none is asked for.
    int shared = overlap == null ? Math.min(texts.overlap(), tokens / 5) : overlap;
    if (shared < 0 || shared >= tokens / 2) {
      throw wrongUse(
          "--overlap must be from 0 to less than half of --chunk (%d), and is %d"
              .formatted(tokens, shared));
    }
    return new TextOptions(texts.language(), tokens, shared, late || texts.late());
  }

  /** How documents are read. */
  IndexingOptions indexing() {
    DocumentOptions documents = DocumentOptions.DEFAULT;
    if (titleField != null) {
      documents = documents.withTitleField(titleField);
    }
    if (format != null) {
      try {
        documents = documents.withFormat(DocumentFormat.named(format));
      } catch (PolysemeException e) {
        throw wrongUse(String.valueOf(e.getMessage()));
      }
    }
    return IndexingOptions.DEFAULT
        .withDocuments(documents)
        .withAdd(add)
        .withSkipDuplicates(skipDuplicates);
  }
}
