package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.index.IndexCatalog;
import io.polyseme.index.IndexCheck;
import io.polyseme.index.OpenOptions;
import io.polyseme.index.Recall;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.SpaceInfo;
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
