package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.usage.Polysemy;
import io.polyseme.usage.PolysemyOptions;
import io.polyseme.usage.Usages;
import io.polyseme.usage.WordSpread;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "polysemy",
    description = {
      "The words of a corpus ranked by how much their meaning varies there.",
      "The spread is the mean distance of two usages: 0 where all are the same, about 1 where they"
          + " are as unlike as those of any two words. Beside it is the number of senses that the"
          + " usages show, and how well these are parted."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme index build letters --from letters/ --source usages",
      "  polyseme polysemy letters --least 50",
      "  polyseme polysemy letters --filter pos=noun --top 100 --json"
    })
final class PolysemyCommand extends UsageAsked {
  @Option(
      names = "--least",
      paramLabel = "N",
      description = "Only words with so many usages (default: ${DEFAULT-VALUE}).")
  int least = PolysemyOptions.DEFAULT.least();

  @Option(
      names = "--sample",
      paramLabel = "N",
      description = "Of more usages so many are compared (default: ${DEFAULT-VALUE}).")
  int sample = PolysemyOptions.DEFAULT.usages();

  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      description = "Only usages whose field has this value; may be given again.")
  List<String> filters = List.of();

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many words (default: ${DEFAULT-VALUE}).")
  int top = 20;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of what is chosen at random (default: ${DEFAULT-VALUE}).")
  long seed = PolysemyOptions.DEFAULT.seed();

  PolysemyCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    if (top < 1) {
      throw wrongUse("--top must be at least 1, and is " + top);
    }
    var options = new PolysemyOptions(least, sample, seed);
    try (Bars bars = bars();
        Usages usages = usages(bars)) {
      List<WordSpread> ranked =
          new Polysemy(usages, options).ranked(filter(usages, filters), bars, terminal.cancel());
      bars.clear();
      if (ranked.isEmpty()) {
        throw new PolysemeException(
            "no word of %s has %d such usages; --least asks for fewer".formatted(index, least));
      }
      show(ranked);
    }
  }

  private void show(List<WordSpread> ranked) {
    List<WordSpread> shown = ranked.subList(0, Math.min(top, ranked.size()));
    if (json) {
      var answers = new Answers("polysemy", "").of("index", index);
      int rank = 0;
      for (WordSpread it : shown) {
        JsonObject result = answers.result();
        result.addProperty("rank", ++rank);
        result.addProperty("label", it.lemma());
        result.addProperty("score", it.spread());
        result.addProperty("selfSimilarity", it.selfSimilarity());
        result.addProperty("usages", it.usages());
        result.addProperty("senses", it.clusters());
        result.addProperty("silhouette", it.silhouette());
      }
      print(answers.toString());
      return;
    }
    print(String.format(Locale.ROOT, "%,d words", ranked.size()));
    var table = new Table();
    table.row("", "word", "usages", "spread", "senses", "silhouette");
    int rank = 0;
    for (WordSpread it : shown) {
      table.row(
          Integer.toString(++rank),
          Table.printable(it.lemma()),
          String.format(Locale.ROOT, "%,d", it.usages()),
          score(it.spread()),
          Integer.toString(it.clusters()),
          it.clusters() > 1 ? String.format(Locale.ROOT, "%.2f", it.silhouette()) : "");
    }
    print(table.lines());
  }
}
