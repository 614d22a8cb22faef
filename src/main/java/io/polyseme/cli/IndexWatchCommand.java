package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.document.DocumentWatch;
import io.polyseme.index.IndexCatalog;
import io.polyseme.index.Recipe;
import io.polyseme.search.BuildReport;
import io.polyseme.search.DocumentsReport;
import io.polyseme.search.Indexing;
import io.polyseme.search.IndexingOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "watch",
    description = {
      "Build an index of documents, and keep it up to date while files change, until it is"
          + " interrupted.",
      "Every update is committed and told by a line; searches see it as soon as it is there."
    },
    footer = {"", "Example:", "  polyseme index watch notes --from ~/notes"})
final class IndexWatchCommand extends Building {
  @Option(
      names = "--settle",
      paramLabel = "SECONDS",
      description = "How long nothing must change before an update (default: ${DEFAULT-VALUE}).")
  double settle = 1;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      description =
          "After how long everything is looked at though nothing was told (default:"
              + " ${DEFAULT-VALUE}).")
  double every = 300;

  IndexWatchCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    if (settle <= 0 || every <= 0) {
      throw wrongUse("--settle and --every must be more than 0");
    }
    IndexCatalog catalog = Asked.catalog();
    Recipe recipe = recipe(catalog);
    if (!recipe.source().equals(Indexing.DOCUMENTS) || from.isEmpty()) {
      throw wrongUse("watch is for documents: --from FILE_OR_FOLDER");
    }
    Path folder = catalog.folder(name);
    IndexingOptions options = indexing();
    var indexing = new Indexing(models(), spaces(), encoderOptions());
    try (DocumentWatch watch = DocumentWatch.open(from, options.documents().without(folder))) {
      boolean first = true;
      while (true) {
        update(indexing, folder, recipe, options, first);
        first = false;
        watch.await(duration(settle), duration(every), terminal.cancel());
      }
    } catch (CancelledException e) {
      // That is how watching ends; what was committed is there.
      if (!json) {
        print("stopped");
      }
    }
  }

  private static Duration duration(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private void update(
      Indexing indexing, Path folder, Recipe recipe, IndexingOptions options, boolean first) {
    try (Bars bars = bars()) {
      BuildReport report = indexing.build(folder, recipe, from, options, bars, terminal.cancel());
      bars.clear();
      if (first || changed(report)) {
        tell(report);
      }
    } catch (CancelledException e) {
      throw e;
    } catch (PolysemeException e) {
      if (first) {
        throw e;
      }
      // Such as a folder that is gone for the moment: the index stays as it is.
      warn(List.of(String.valueOf(e.getMessage())));
    }
    terminal.out().flush();
  }

  private static boolean changed(BuildReport report) {
    return report.summary().added() > 0 || report.summary().removed() > 0 || report.failed() > 0;
  }

  private void tell(BuildReport report) {
    DocumentsReport documents = report.documents();
    long skipped = documents == null ? 0 : documents.skippedInAll();
    if (json) {
      var answers = new Answers("index watch", name);
      JsonObject result = answers.result();
      result.addProperty("label", name);
      result.addProperty("size", report.summary().size());
      result.addProperty("added", report.summary().added());
      result.addProperty("reused", report.summary().reused());
      result.addProperty("removed", report.summary().removed());
      result.addProperty("skippedInAll", skipped);
      result.addProperty("seconds", report.seconds());
      print(answers.toString());
      return;
    }
    print(
        String.format(
            Locale.ROOT,
            "%s  %s: %,d documents, %,d entries (%,d added, %,d removed)%s, %.1f s",
            LocalTime.now().truncatedTo(ChronoUnit.SECONDS),
            name,
            documents == null ? 0 : documents.documents(),
            report.summary().size(),
            report.summary().added(),
            report.summary().removed(),
            skipped > 0 ? String.format(Locale.ROOT, ", %,d left out", skipped) : "",
            report.seconds()));
  }
}
