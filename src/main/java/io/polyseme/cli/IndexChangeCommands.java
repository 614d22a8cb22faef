package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.index.BuildOptions;
import io.polyseme.index.IndexBuilder;
import io.polyseme.index.IndexCatalog;
import io.polyseme.index.OpenOptions;
import io.polyseme.index.VectorIndex;
import io.polyseme.search.BuildReport;
import io.polyseme.search.FilterFields;
import io.polyseme.search.Indexing;
import io.polyseme.vector.Filter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands that change or copy an index that is there. */
final class IndexChangeCommands {
  private IndexChangeCommands() {}

  @CommandLine.Command(
      name = "remove",
      description = "Remove entries from an index: by label, by document, or by what they hold.",
      footer = {
        "",
        "Examples:",
        "  polyseme index remove notes minutes.md#3 old/plan.pdf",
        "  polyseme index remove notes --filter \"modified < 2020\" --dry-run"
      })
  static final class Remove extends Command {
    @Parameters(index = "0", paramLabel = "INDEX", description = "An index's name or folder.")
    String name = "";

    @Parameters(
        index = "1..*",
        paramLabel = "ID",
        description = "Labels of entries, or names of documents.")
    List<String> ids = new ArrayList<>();

    @Option(
        names = "--filter",
        paramLabel = "FILTER",
        description = "Entries whose fields are so; see polyseme search --help.")
    List<String> filters = List.of();

    @Option(names = "--dry-run", description = "Only tell how many entries would be removed.")
    boolean dryRun;

    Remove(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      if (ids.isEmpty() && filters.isEmpty()) {
        throw wrongUse("what is to be removed? Give labels, documents or --filter");
      }
      IndexCatalog catalog = Asked.catalog();
      Filter chosen = filters.isEmpty() ? Filter.ALL.not() : Asked.filter(this, filters);
      long removed;
      long left;
      try (VectorIndex index = catalog.open(name, OpenOptions.DEFAULT.withName(name))) {
        new FilterFields(index).require(filters.isEmpty() ? Filter.ALL : chosen);
        for (String id : ids) {
          Filter one = Filter.equal(Filter.LABEL, id).or(Filter.equal("document", id));
          if (index.count(one) == 0) {
            throw new PolysemeException(
                "there is no entry or document \"%s\" in the index %s; nothing was removed"
                    .formatted(id, name));
          }
          chosen = chosen.or(one);
        }
        removed = index.count(chosen);
        left = index.info().size() - removed;
        if (!dryRun && removed > 0) {
          try (Bars bars = bars();
              IndexBuilder builder =
                  VectorIndex.builder(
                      index.folder(),
                      index.recipe(),
                      index.info().maker(),
                      BuildOptions.DEFAULT.withKeep(true).withFullText(index.fullText()))) {
            removed = builder.removeAll(chosen);
            left = builder.commit(bars, terminal.cancel()).size();
          }
        }
      }
      if (json) {
        var answers = new Answers("index remove", name).of("index", name);
        JsonObject result = answers.result();
        result.addProperty("label", name);
        result.addProperty("removed", removed);
        result.addProperty("size", left);
        result.addProperty("dryRun", dryRun);
        print(answers.toString());
      } else {
        print(
            String.format(
                Locale.ROOT,
                "%s: %,d entries %s, %,d %s",
                name,
                removed,
                dryRun ? "would be removed" : "removed",
                left,
                dryRun ? "would be left" : "left"));
      }
    }
  }

  @CommandLine.Command(
      name = "backup",
      description = "Copy an index to a new folder, also while it is being built.",
      footer = {"", "Example:", "  polyseme index backup notes /media/disk/notes-2026-11"})
  static final class BackUp extends Command {
    @Parameters(index = "0", paramLabel = "INDEX", description = "An index's name or folder.")
    String name = "";

    @Parameters(index = "1", paramLabel = "FOLDER", description = "Where to; not there yet.")
    Path target = Path.of("");

    BackUp(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      IndexCatalog catalog = Asked.catalog();
      try (Bars bars = bars()) {
        catalog.backup(name, target, bars, terminal.cancel());
      }
      IndexCatalog.Listing copy = catalog.info(target.toAbsolutePath().toString());
      if (json) {
        var answers = new Answers("index backup", name).of("index", name);
        JsonObject result = answers.result();
        result.addProperty("label", target.toString());
        result.addProperty("bytes", copy.bytes());
        print(answers.toString());
      } else {
        print("%s: copied to %s, %s".formatted(name, target, megabytes(copy.bytes())));
      }
    }
  }

  @CommandLine.Command(
      name = "reembed",
      description = {
        "Make the vectors of an index of texts anew with another model, out of the texts that it"
            + " holds. The old ones answer until all are made."
      },
      footer = {"", "Example:", "  polyseme index reembed notes --model all-minilm-l6-v2"})
  static final class Reembed extends Command {
    @Parameters(index = "0", paramLabel = "INDEX", description = "An index's name or folder.")
    String name = "";

    @Option(
        names = "--model",
        paramLabel = "MODEL",
        required = true,
        description = "A model's name or folder.")
    String model = "";

    Reembed(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      IndexCatalog catalog = Asked.catalog();
      Path folder = catalog.info(name).folder();
      BuildReport report;
      try (Bars bars = bars()) {
        report =
            new Indexing(models(), spaces(), encoderOptions())
                .reembed(folder, model, bars, terminal.cancel());
      }
      if (json) {
        var answers = new Answers("index reembed", name).of("index", name);
        answers.of("model", model);
        JsonObject result = answers.result();
        result.addProperty("label", name);
        result.addProperty("size", report.summary().size());
        result.addProperty("seconds", report.seconds());
        result.addProperty("bytes", report.bytes());
        print(answers.warn(report.warnings()).toString());
      } else {
        warn(report.warnings());
        print(
            String.format(
                Locale.ROOT,
                "%s: %,d entries by %s, %s, %.1f seconds",
                name,
                report.summary().size(),
                model,
                megabytes(report.bytes()),
                report.seconds()));
      }
    }
  }
}
