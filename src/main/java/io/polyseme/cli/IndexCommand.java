package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.index.Encoding;
import io.polyseme.index.IndexCatalog;
import io.polyseme.index.IndexCheck;
import io.polyseme.index.IndexOptions;
import io.polyseme.index.OpenOptions;
import io.polyseme.index.Recall;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.search.BuildReport;
import io.polyseme.search.Indexing;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "index",
    description = "Lucene HNSW indexes: build, list, look at, check, delete.",
    synopsisSubcommandLabel = "COMMAND")
final class IndexCommand extends Command {
  IndexCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    throw wrongUse("index needs a command: build, list, info, check or delete");
  }

  private static String maker(SpaceInfo info) {
    String layer = info.maker().layer();
    return info.maker().model() + (layer.isEmpty() ? "" : ", layer " + layer);
  }

  private static void describe(JsonObject result, IndexCatalog.Listing listing) {
    result.addProperty("label", listing.name());
    result.addProperty("bytes", listing.bytes());
    SpaceInfo info = listing.info();
    if (info != null) {
      result.addProperty("size", info.size());
      result.addProperty("dimension", info.dimension());
      result.addProperty("similarity", info.similarity().name().toLowerCase(Locale.ROOT));
      result.addProperty("model", info.maker().model());
      result.addProperty("fingerprint", info.maker().fingerprint());
      result.addProperty("layer", info.maker().layer());
      result.addProperty("pooling", info.maker().pooling());
    } else {
      result.addProperty("problem", listing.problem());
    }
  }

  @CommandLine.Command(
      name = "build",
      description = {
        "Build an index, or bring it up to date: what did not change is taken over.",
        "How it is made is said by a recipe (indexes/NAME.recipe, or --recipe), and by options.",
        "Sources: wordnet-glosses (or wordnet-glosses:noun.animal,...), lines (each text of a file or"
            + " of the files of a folder: a line of a .txt, an object of a .jsonl, a row of a .tsv),"
            + " usages (each word of each text, in its sentence) or usages:bank,spring (these"
            + " words), senses or senses:INVENTORY (from texts with labelled senses, if --from gives"
            + " any), words:SPACE. Other fields of a .jsonl or .tsv come along."
      },
      footer = {
        "",
        "Examples:",
        "  polyseme index build wordnet-glosses",
        "  polyseme index build notes --from notes.txt",
        "  polyseme index build my-usages --from texts/ --source usages --layer 8",
        "  polyseme index build banks --from letters.jsonl --words bank,shore --lemmatise"
      })
  static final class Build extends Command {
    @Parameters(paramLabel = "NAME_OR_PATH", description = "The index: a name, or a folder.")
    String name = "";

    @Option(names = "--from", paramLabel = "FILE_OR_FOLDER", description = "What is read.")
    @Nullable Path from;

    @Option(
        names = "--recipe",
        paramLabel = "RECIPE",
        description = "A recipe's name or file (default: the one of the index's name).")
    @Nullable String recipeName;

    @Option(
        names = "--source",
        paramLabel = "SOURCE",
        description = "What is indexed (default: lines).")
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
        paramLabel = "NAME",
        description = "With .jsonl and .tsv, where the text is (default: text).")
    @Nullable String field;

    @Option(
        names = "--id-field",
        paramLabel = "NAME",
        description = "With .jsonl and .tsv, what names a text (default: id).")
    @Nullable String idField;

    @Option(
        names = "--model",
        paramLabel = "MODEL",
        description = "The model (default: by script).")
    @Nullable String model;

    @Option(names = "--layer", paramLabel = "LAYER", description = "The layer (default: last).")
    @Nullable String layer;

    @Option(
        names = "--similarity",
        paramLabel = "S",
        description = "cosine, dot-product, euclidean.")
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

    Build(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      IndexCatalog catalog = Asked.catalog();
      Path folder = catalog.folder(name);
      Recipe recipe = recipe(catalog);
      BuildReport report;
      try (Bars bars = bars()) {
        report =
            new Indexing(models(), spaces(), encoderOptions())
                .build(folder, recipe, from, bars, terminal.cancel());
      }
      if (json) {
        var answers = new Answers("index build", name).of("index", folder.toString());
        JsonObject result = answers.result();
        result.addProperty("label", name);
        result.addProperty("size", report.summary().size());
        result.addProperty("added", report.summary().added());
        result.addProperty("reused", report.summary().reused());
        result.addProperty("removed", report.summary().removed());
        result.addProperty("failed", report.failed());
        result.addProperty("seconds", report.seconds());
        result.addProperty("encodeSeconds", report.encodeSeconds());
        result.addProperty("textsPerSecond", report.textsPerSecond());
        result.addProperty("bytes", report.bytes());
        print(answers.warn(report.warnings()).toString());
        return;
      }
      warn(report.warnings());
      print(
          String.format(
              Locale.ROOT,
              "%s: %,d entries (%,d added, %,d taken over, %,d removed%s), %s",
              name,
              report.summary().size(),
              report.summary().added(),
              report.summary().reused(),
              report.summary().removed(),
              report.failed() > 0
                  ? String.format(Locale.ROOT, ", %,d could not be encoded", report.failed())
                  : "",
              megabytes(report.bytes())));
      print(
          String.format(
              Locale.ROOT,
              "%.1f seconds in all, %.1f until the last text was encoded; %.0f texts a second",
              report.seconds(),
              report.encodeSeconds(),
              report.textsPerSecond()));
    }

    private Recipe recipe(IndexCatalog catalog) {
      Recipe recipe =
          recipeName != null
              ? catalog
                  .recipe(recipeName)
                  .orElseThrow(
                      () ->
                          new PolysemeException(
                              "there is no recipe \"%s\"; there are %s"
                                  .formatted(recipeName, catalog.recipes())))
              : catalog.recipe(name).orElse(Recipe.of(source == null ? "lines" : source));
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
      if (field != null) {
        recipe = recipe.withText(field);
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
  }

  @CommandLine.Command(name = "list", description = "The indexes under indexes/, and the recipes.")
  static final class ListAll extends Command {
    ListAll(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      IndexCatalog catalog = Asked.catalog();
      if (json) {
        var answers = new Answers("index list", "");
        catalog.list().forEach(listing -> describe(answers.result(), listing));
        print(answers.toString());
        return;
      }
      var table = new Table();
      for (IndexCatalog.Listing listing : catalog.list()) {
        SpaceInfo info = listing.info();
        table.row(
            listing.name(),
            info == null ? "-" : String.format(Locale.ROOT, "%,d", info.size()),
            megabytes(listing.bytes()),
            info == null ? listing.problem() : maker(info));
      }
      print(table.lines());
      if (catalog.list().isEmpty()) {
        print("no index has been built yet");
      }
      if (!catalog.recipes().isEmpty()) {
        print("recipes to build: " + String.join(", ", catalog.recipes()));
      }
    }
  }

  @CommandLine.Command(name = "info", description = "What an index is and how it was made.")
  static final class Info extends Command {
    @Parameters(paramLabel = "INDEX", description = "An index's name or folder.")
    String name = "";

    Info(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      IndexCatalog.Listing listing = Asked.catalog().info(name);
      if (listing.info() == null) {
        throw new PolysemeException(listing.problem());
      }
      if (json) {
        var answers = new Answers("index info", name).of("index", name);
        describe(answers.result(), listing);
        print(answers.toString());
        return;
      }
      SpaceInfo info = listing.info();
      var table = new Table();
      table.row("entries", String.format(Locale.ROOT, "%,d", info.size()));
      table.row("dimension", Integer.toString(info.dimension()));
      table.row("similarity", info.similarity().name().toLowerCase(Locale.ROOT));
      table.row("size on disk", megabytes(listing.bytes()));
      table.row("model", info.maker().model());
      table.row("fingerprint", info.maker().fingerprint());
      table.row("layer", info.maker().layer());
      table.row("pooling", info.maker().pooling());
      print(table.lines());
      try (VectorIndex index = Asked.catalog().open(name, OpenOptions.DEFAULT.withName(name))) {
        print("");
        print("recipe:");
        index.recipe().toString().lines().forEach(line -> print("  " + line));
      }
    }
  }

  @CommandLine.Command(
      name = "check",
      description = "Look at every part of an index; with --recall also how well it is searched.",
      footer = {"", "Example:", "  polyseme index check wordnet-glosses --recall"})
  static final class Check extends Command {
    @Parameters(paramLabel = "INDEX", description = "An index's name or folder.")
    String name = "";

    @Option(names = "--recall", description = "Compare graph search with exact search on a sample.")
    boolean recall;

    @Option(
        names = "--repair",
        description =
            "Take out the parts that cannot be read; building the index again makes what was lost"
                + " anew.")
    boolean repair;

    @Option(
        names = "--sample",
        paramLabel = "N",
        description = "Of so many vectors (default: ${DEFAULT-VALUE}).")
    int sample = 1000;

    @Option(
        names = "--top",
        paramLabel = "K",
        description = "Of so many neighbours (default: ${DEFAULT-VALUE}).")
    int top = 10;

    @Option(
        names = "--ef-search",
        paramLabel = "N",
        description = "Candidates that the graph search keeps (default: the index's own).")
    int efSearch;

    @Option(names = "--seed", paramLabel = "N", description = "Chooses the sample.")
    long seed = 42;

    Check(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      IndexCatalog catalog = Asked.catalog();
      try (Bars bars = bars()) {
        if (repair) {
          long lost = catalog.repair(name, bars, terminal.cancel());
          if (lost > 0) {
            warn(
                List.of(
                    "%,d entries could not be read and were taken out; build %s again to have them"
                            .formatted(lost, name)
                        + " back"));
          }
        }
        IndexCheck check = catalog.check(name, bars, terminal.cancel());
        Recall measured = null;
        if (recall && check.sound()) {
          try (VectorIndex index = catalog.open(name, OpenOptions.DEFAULT.withName(name))) {
            measured = index.measureRecall(sample, top, efSearch, seed, bars, terminal.cancel());
          }
        }
        bars.clear();
        show(check, measured);
        if (!check.sound()) {
          throw new PolysemeException(
              "the index %s is damaged: %s".formatted(name, String.join("; ", check.problems())));
        }
      }
    }

    private void show(IndexCheck check, @Nullable Recall measured) {
      if (json) {
        var answers = new Answers("index check", name).of("index", name);
        JsonObject result = answers.result();
        result.addProperty("label", name);
        result.addProperty("sound", check.sound());
        result.addProperty("size", check.vectors());
        result.addProperty("bytes", check.bytes());
        if (measured != null) {
          result.addProperty("recall", measured.recall());
          result.addProperty("sampled", measured.sampled());
          result.addProperty("k", measured.k());
          result.addProperty("efSearch", measured.efSearch());
          result.addProperty("visited", measured.meanVisited());
          result.addProperty("hnswMillis", measured.approximateMillis());
          result.addProperty("exactMillis", measured.exactMillis());
        }
        print(answers.warn(check.problems()).toString());
        return;
      }
      if (check.sound()) {
        print(
            String.format(
                Locale.ROOT,
                "%s is sound: %,d vectors, %s",
                name,
                check.vectors(),
                megabytes(check.bytes())));
      }
      if (measured != null) {
        print(
            String.format(
                Locale.ROOT,
                "recall@%d %.4f of %,d vectors, efSearch %d: %.2f ms a search (%,.0f vectors visited), exact %.2f ms",
                measured.k(),
                measured.recall(),
                measured.sampled(),
                measured.efSearch(),
                measured.approximateMillis(),
                measured.meanVisited(),
                measured.exactMillis()));
      }
    }
  }

  @CommandLine.Command(name = "delete", description = "Delete an index (never anything else).")
  static final class Delete extends Command {
    @Parameters(paramLabel = "INDEX", description = "An index's name or folder.")
    String name = "";

    Delete(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      Asked.catalog().delete(name);
      if (json) {
        var answers = new Answers("index delete", name).of("index", name);
        answers.result().addProperty("label", name);
        print(answers.toString());
      } else {
        print("deleted " + name);
      }
    }
  }
}
