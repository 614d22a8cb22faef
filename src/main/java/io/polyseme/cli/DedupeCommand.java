package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.collection.Deduplication;
import io.polyseme.collection.DuplicateGroup;
import io.polyseme.collection.DuplicateOptions;
import io.polyseme.collection.Duplicates;
import io.polyseme.collection.TextCollection;
import io.polyseme.index.VectorIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "dedupe",
    description = {
      "Near-duplicates among the texts of an index, by meaning, and which of them can go.",
      "Each one that goes is as near as --min-score to the one that is kept for it, and no two that"
          + " are kept are so near. What is not far from chance, which is told, is no duplicate."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme dedupe notes",
      "  polyseme dedupe notes --min-score 0.98 --keep longest --out kept.txt",
      "  polyseme dedupe notes --write removed --out removed.txt --json"
    })
final class DedupeCommand extends CollectionAsked {
  private enum What {
    KEPT,
    REMOVED
  }

  @Option(
      names = "--min-score",
      paramLabel = "S",
      description = "Texts with at least this cosine are duplicates (default: ${DEFAULT-VALUE}).")
  double minScore = DuplicateOptions.DEFAULT.minScore();

  @Option(
      names = "--keep",
      paramLabel = "WHICH",
      description =
          "Which one of a group is kept: first, longest, or central (default: ${DEFAULT-VALUE}).")
  String keepName = "first";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the labels of what is kept, one a line.")
  @Nullable Path out;

  @Option(
      names = "--write",
      paramLabel = "WHAT",
      description = "What --out writes: kept or removed (default: ${DEFAULT-VALUE}).")
  String writeName = "kept";

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many groups are shown (default: ${DEFAULT-VALUE}).")
  int top = 10;

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "How many texts of a group are shown (default: ${DEFAULT-VALUE}).")
  int examples = 5;

  DedupeCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    atLeast("--top", top, 0);
    atLeast("--examples", examples, 1);
    var options =
        new DuplicateOptions(
            cosine("--min-score", minScore),
            option("--keep", keepName, DuplicateOptions.Keep.class));
    What what = option("--write", writeName, What.class);
    try (Bars bars = bars();
        VectorIndex opened = open();
        TextCollection texts = read(opened, bars)) {
      Duplicates found = new Deduplication(texts, options).find(bars, terminal.cancel());
      bars.clear();
      if (out != null) {
        write(
            out,
            writer -> {
              for (String label : what == What.KEPT ? found.keptLabels() : found.removedLabels()) {
                writer.write(label);
                writer.write('\n');
              }
            });
      }
      show(texts, found);
    }
  }

  private void show(TextCollection texts, Duplicates found) {
    int shown = Math.min(top, found.groups());
    if (json) {
      JsonObject whole = described(texts);
      whole.addProperty("kept", found.kept());
      whole.addProperty("removed", found.removed());
      whole.addProperty("groups", found.groups());
      whole.addProperty("minScore", minScore);
      var answers = new Answers("dedupe", "").of("index", index).with("duplicates", whole);
      for (int i = 0; i < shown; i++) {
        describe(answers.result(), found.group(i));
      }
      print(answers.toString());
      return;
    }
    print(heading(texts));
    print(chance(texts));
    print(
        String.format(
            Locale.ROOT,
            "%,d kept, %,d duplicates (%s) in %,d groups, at least %s near",
            found.kept(),
            found.removed(),
            percent(found.removed(), texts.entries()),
            found.groups(),
            minScore));
    for (int i = 0; i < shown; i++) {
      DuplicateGroup group = found.group(i);
      print("");
      print(terminal.bold(group.rank() + "  " + shown(group.kept())));
      var table = new Table();
      for (DuplicateGroup.Removed it :
          group.removed().subList(0, Math.min(examples, group.removed().size()))) {
        table.row(
            "  ",
            it.score() == 1 ? "copy" : score(it.score()),
            Table.printable(it.member().label()),
            shown(it.member()));
      }
      print(table.lines());
      if (group.removed().size() > examples) {
        print("   and " + (group.removed().size() - examples) + " more");
      }
    }
    if (shown < found.groups()) {
      print("");
      print("and %,d more groups; --top shows them".formatted(found.groups() - shown));
    }
  }

  /** In full, whatever the screen shows. */
  private static void describe(JsonObject result, DuplicateGroup group) {
    result.addProperty("rank", group.rank());
    result.addProperty("size", group.removed().size() + 1);
    describe(result, group.kept());
    var removed = new JsonArray();
    for (DuplicateGroup.Removed it : group.removed()) {
      var one = new JsonObject();
      one.addProperty("score", it.score());
      one.addProperty("copy", it.copy());
      describe(one, it.member());
      removed.add(one);
    }
    result.add("removed", removed);
  }
}
