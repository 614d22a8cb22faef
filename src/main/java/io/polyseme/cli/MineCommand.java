package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.collection.MiningOptions;
import io.polyseme.collection.Pair;
import io.polyseme.collection.ParaphraseMining;
import io.polyseme.collection.TextCollection;
import io.polyseme.index.VectorIndex;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "mine",
    description = {
      "The pairs of an index's texts that say the same, best first.",
      "Each text is compared with its nearest others. Texts that are there several times count once:"
          + " equal texts are copies, which dedupe shows. How near two texts are that have nothing to"
          + " do with each other differs from model to model, and is told beside the pairs."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme mine questions",
      "  polyseme mine questions --min-score 0.85 --top 1000 --json",
      "  polyseme mine questions --min-score 0.85 --stream --json > pairs.jsonl"
    })
final class MineCommand extends CollectionAsked {
  private static final int TOP = 20;

  @Option(
      names = "--min-score",
      paramLabel = "S",
      description = "Only pairs with at least this cosine.")
  @Nullable Double minScore;

  @Option(names = "--top", paramLabel = "N", description = "How many pairs (default: 20).")
  @Nullable Integer top;

  @Option(
      names = "--neighbours",
      paramLabel = "K",
      description = "Look for pairs among each text's nearest so many (default: ${DEFAULT-VALUE}).")
  int neighbours = MiningOptions.DEFAULT.neighbours();

  @Option(
      names = "--stream",
      description =
          "Print every pair as it is found, in no order, and hold none; with --json one object a"
              + " line.")
  boolean stream;

  MineCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    int most = top == null ? TOP : top;
    atLeast("--top", most, 1);
    atLeast("--neighbours", neighbours, 1);
    if (stream && minScore == null) {
      throw wrongUse("--stream prints every pair: --min-score says which are wanted");
    }
    if (stream && top != null) {
      throw wrongUse("--stream prints every pair, and --top the best: give one of them");
    }
    MiningOptions options = MiningOptions.DEFAULT.withNeighbours(neighbours);
    if (minScore != null) {
      options = options.withMinScore(cosine("--min-score", minScore));
    }
    try (Bars bars = bars();
        VectorIndex opened = open();
        TextCollection texts = read(opened, bars)) {
      var mining = new ParaphraseMining(texts, options);
      if (stream) {
        mining.forEach(this::printed, bars, terminal.cancel());
        return;
      }
      List<Pair> pairs = mining.best(most, bars, terminal.cancel());
      bars.clear();
      show(texts, pairs);
    }
  }

  private void printed(Pair pair) {
    if (json) {
      var result = new JsonObject();
      describe(result, pair);
      print(Answers.line(result));
    } else {
      shown(pair).forEach(this::print);
    }
    if (terminal.out().checkError()) {
      terminal.cancel().cancel(); // whoever read the output has seen enough
    }
  }

  private static void describe(JsonObject result, Pair pair) {
    result.addProperty("rank", pair.rank());
    result.addProperty("score", pair.score());
    describe(result, pair.first());
    var with = new JsonObject();
    describe(with, pair.second());
    result.add("with", with);
  }

  private static List<String> shown(Pair pair) {
    return new Table()
        .row(Integer.toString(pair.rank()), score(pair.score()), shown(pair.first()))
        .row("", "", shown(pair.second()))
        .lines();
  }

  private void show(TextCollection texts, List<Pair> pairs) {
    if (json) {
      var answers = new Answers("mine", "").of("index", index).with("mining", described(texts));
      pairs.forEach(pair -> describe(answers.result(), pair));
      print(answers.toString());
      return;
    }
    print(heading(texts));
    print(chance(texts));
    print("");
    if (pairs.isEmpty()) {
      print("no two texts are so near");
    }
    pairs.forEach(pair -> print(shown(pair)));
  }
}
