package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.collection.Member;
import io.polyseme.collection.Outlier;
import io.polyseme.collection.OutlierOptions;
import io.polyseme.collection.Outliers;
import io.polyseme.collection.TextCollection;
import io.polyseme.index.VectorIndex;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "outliers",
    description = {
      "The texts of an index that are unlike all others, each with the one it is most like.",
      "The score is one less the mean cosine of a text and its nearest others. With --measure lof it"
          + " is how much farther these are than theirs are: a text that is odd where it stands,"
          + " however near the others; about 1 for what lies among its like."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme outliers notes",
      "  polyseme outliers notes --measure lof --neighbours 20 --top 50 --json"
    })
final class OutliersCommand extends CollectionAsked {
  @Option(
      names = "--measure",
      paramLabel = "M",
      description = "distance or lof (default: ${DEFAULT-VALUE}).")
  String measureName = "distance";

  @Option(
      names = "--neighbours",
      paramLabel = "K",
      description = "Look at each text's nearest so many (default: ${DEFAULT-VALUE}).")
  int neighbours = OutlierOptions.DEFAULT.neighbours();

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many outliers (default: ${DEFAULT-VALUE}).")
  int top = 20;

  OutliersCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    atLeast("--top", top, 1);
    atLeast("--neighbours", neighbours, 1);
    var options =
        new OutlierOptions(
            option("--measure", measureName, OutlierOptions.Measure.class), neighbours);
    try (Bars bars = bars();
        VectorIndex opened = open();
        TextCollection texts = read(opened, bars)) {
      List<Outlier> found = new Outliers(texts, options).farthest(top, bars, terminal.cancel());
      bars.clear();
      show(texts, options, found);
    }
  }

  private void show(TextCollection texts, OutlierOptions options, List<Outlier> found) {
    if (json) {
      JsonObject whole = described(texts);
      whole.addProperty("measure", options.measure().name().toLowerCase(Locale.ROOT));
      whole.addProperty("neighbours", neighbours);
      var answers = new Answers("outliers", "").of("index", index).with("outliers", whole);
      for (Outlier it : found) {
        JsonObject result = answers.result();
        result.addProperty("rank", it.rank());
        result.addProperty("score", it.score());
        describe(result, it.member());
        Member nearest = it.nearest();
        if (nearest != null) {
          var like = new JsonObject();
          like.addProperty("score", it.nearestScore());
          describe(like, nearest);
          result.add("nearest", like);
        }
      }
      print(answers.toString());
      return;
    }
    print(heading(texts));
    print(chance(texts));
    print("");
    for (Outlier it : found) {
      Member nearest = it.nearest();
      print(
          new Table()
              .row(Integer.toString(it.rank()), score(it.score()), shown(it.member()))
              .row(
                  "",
                  "",
                  nearest == null
                      ? "the only one"
                      : terminal.dim(
                          "nearest (%s): %s".formatted(score(it.nearestScore()), shown(nearest))))
              .lines());
    }
  }
}
