package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.index.IndexCatalog;
import io.polyseme.search.BuildReport;
import io.polyseme.search.DocumentsReport;
import io.polyseme.search.Indexing;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;

@CommandLine.Command(
    name = "build",
    description = {
      "Build an index, or bring it up to date: what did not change is taken over.",
      "How it is made is said by a recipe (indexes/NAME.recipe, or --recipe), and by options.",
      "Sources: documents (text, Markdown, HTML, PDF, Word, Excel, PowerPoint, OpenDocument, RTF and"
          + " EPUB files, cut into chunks by headings and sentences; CSV, TSV, JSON and JSON Lines, a"
          + " document a row; what cannot be read is told and left out), lines (each text of a file"
          + " or of the files of a folder: a line of a .txt, an object of a .jsonl, a row of a"
          + " .tsv), usages (each word of each such text, in its sentence) or usages:bank,spring"
          + " (these words), wordnet-glosses (or wordnet-glosses:noun.animal,...), senses or"
          + " senses:INVENTORY (from texts with labelled senses, if --from gives any), words:SPACE.",
      "A document of one chunk is called by its path or its row's id, of several each is ID#1, ID#2."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme index build notes --from ~/notes",
      "  polyseme index build papers --from 'papers/**/*.pdf' --from abstracts.csv --field"
          + " title,abstract",
      "  polyseme index build wordnet-glosses",
      "  polyseme index build my-usages --from texts/ --source usages --layer 8",
      "  polyseme index build banks --from letters.jsonl --words bank,shore --lemmatise"
    })
final class IndexBuildCommand extends Building {
  private static final int SHOWN = 5;

  IndexBuildCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    IndexCatalog catalog = Asked.catalog();
    BuildReport report;
    try (Bars bars = bars()) {
      report =
          new Indexing(models(), spaces(), encoderOptions())
              .build(
                  catalog.folder(name), recipe(catalog), from, indexing(), bars, terminal.cancel());
    }
    if (json) {
      print(asJson(report, catalog));
      return;
    }
    warn(report.warnings());
    if (report.documents() != null) {
      show(report.documents());
    }
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

  private void show(DocumentsReport documents) {
    print(
        String.format(
            Locale.ROOT,
            "%s%s%s",
            counted(documents.documents(), "document", "documents"),
            documents.unchanged() > 0
                ? String.format(Locale.ROOT, ", %,d of them unchanged files", documents.unchanged())
                : "",
            documents.skippedInAll() > 0
                ? String.format(Locale.ROOT, "; %,d left out:", documents.skippedInAll())
                : ""));
    list(
        documents.skipped().stream().map(s -> s.name() + ": " + s.reason()).toList(),
        documents.skippedInAll());
    warn(documents.notes().stream().limit(SHOWN).toList());
    if (documents.duplicateChunks() > 0) {
      print(
          String.format(
              Locale.ROOT,
              "%s the same words as one before%s:",
              counted(documents.duplicateChunks(), "chunk has", "chunks have"),
              skipDuplicates ? ", and are left out" : ""));
      list(
          documents.duplicates().stream().map(d -> d.name() + " as in " + d.like()).toList(),
          documents.duplicateChunks());
    }
    if (documents.nearDuplicatesInAll() > 0) {
      print(
          String.format(
              Locale.ROOT,
              "%s nearly the same as another:",
              counted(documents.nearDuplicatesInAll(), "document is", "documents are")));
      list(
          documents.nearDuplicates().stream()
              .map(
                  d ->
                      String.format(
                          Locale.ROOT, "%s like %s (%.2f)", d.name(), d.like(), d.similarity()))
              .toList(),
          documents.nearDuplicatesInAll());
    }
  }

  private static String counted(long count, String one, String many) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : many);
  }

  private void list(List<String> lines, long inAll) {
    lines.stream().limit(SHOWN).forEach(line -> print("  " + Table.printable(line)));
    long more = inAll - Math.min(SHOWN, lines.size());
    if (more > 0) {
      print(String.format(Locale.ROOT, "  and %,d more (--json lists them)", more));
    }
  }

  private String asJson(BuildReport report, IndexCatalog catalog) {
    var answers = new Answers("index build", name).of("index", catalog.folder(name).toString());
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
    DocumentsReport documents = report.documents();
    if (documents != null) {
      result.addProperty("documents", documents.documents());
      result.addProperty("unchanged", documents.unchanged());
      result.addProperty("skippedInAll", documents.skippedInAll());
      var skipped = new JsonArray();
      documents
          .skipped()
          .forEach(
              skip -> {
                var one = new JsonObject();
                one.addProperty("document", skip.name());
                one.addProperty("reason", skip.reason());
                skipped.add(one);
              });
      result.add("skipped", skipped);
      result.addProperty("duplicateChunks", documents.duplicateChunks());
      result.add("duplicates", asJson(documents.duplicates()));
      result.addProperty("nearDuplicatesInAll", documents.nearDuplicatesInAll());
      result.add("nearDuplicates", asJson(documents.nearDuplicates()));
      answers.warn(documents.notes());
    }
    return answers.warn(report.warnings()).toString();
  }

  private static JsonArray asJson(List<DocumentsReport.Duplicate> duplicates) {
    var all = new JsonArray();
    for (DocumentsReport.Duplicate duplicate : duplicates) {
      var one = new JsonObject();
      one.addProperty("label", duplicate.name());
      one.addProperty("like", duplicate.like());
      one.addProperty("score", duplicate.similarity());
      all.add(one);
    }
    return all;
  }
}
