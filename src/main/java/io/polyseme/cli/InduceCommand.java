package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.cluster.ScoredWord;
import io.polyseme.sense.SenseInventory;
import io.polyseme.usage.InducedSense;
import io.polyseme.usage.InducedSenses;
import io.polyseme.usage.Induction;
import io.polyseme.usage.InductionOptions;
import io.polyseme.usage.NearestSense;
import io.polyseme.usage.RankedUsage;
import io.polyseme.usage.Usages;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "induce",
    description = {
      "The senses that a word has in a corpus, found by clustering its usages.",
      "How many there are is found, too, or given by --senses. Each is shown with the words that are"
          + " around it more than around the others, its most typical usages, and the sense of the"
          + " inventory that it is nearest to, or that none is near.",
      "The silhouette says how well the senses are parted: 0 not at all, 1 fully."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme index build letters --from letters/ --words bank,spring",
      "  polyseme induce letters bank",
      "  polyseme induce letters spring --senses 4 --examples 10 --json"
    })
final class InduceCommand extends UsageAsked {
  private static final int COLUMNS = 110;

  @Parameters(index = "1", paramLabel = "WORD", description = "A word, inflected or not.")
  String word = "";

  @Option(
      names = "--senses",
      paramLabel = "N",
      description = "How many senses (default: as many as are found).")
  int senses;

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "How many usages of each are shown (default: ${DEFAULT-VALUE}).")
  int examples = 3;

  @Option(
      names = "--sample",
      paramLabel = "N",
      description =
          "Of more usages so many are clustered, and the others given to the nearest sense"
              + " (default: ${DEFAULT-VALUE}).")
  int sample = InductionOptions.DEFAULT.usages();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of what is chosen at random (default: ${DEFAULT-VALUE}).")
  long seed = InductionOptions.DEFAULT.seed();

  InduceCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    var options = new InductionOptions(senses, sample, examples, seed);
    try (Bars bars = bars();
        Usages usages = usages(bars);
        SenseInventory inventory = inventory()) {
      InducedSenses found =
          new Induction(usages, inventory, options).of(usages.lemma(word), terminal.cancel());
      bars.clear();
      if (json) {
        print(json(found, inventory));
      } else {
        warn(found.warnings());
        show(found, inventory);
      }
    }
  }

  private String json(InducedSenses found, SenseInventory inventory) {
    var answers =
        new Answers("induce", word)
            .of("index", index)
            .of("inventory", inventory.name())
            .warn(found.warnings());
    var whole = new JsonObject();
    whole.addProperty("lemma", found.lemma());
    whole.addProperty("usages", found.usages());
    whole.addProperty("clustered", found.clustered());
    whole.addProperty("senses", found.senses().size());
    whole.addProperty("silhouette", found.silhouette());
    answers.with("induction", whole);
    for (InducedSense sense : found.senses()) {
      JsonObject result = answers.result();
      result.addProperty("rank", sense.number());
      result.addProperty("label", found.lemma() + "." + sense.number());
      result.addProperty("size", sense.size());
      var words = new JsonArray();
      for (ScoredWord it : sense.words()) {
        var one = new JsonObject();
        one.addProperty("word", it.word());
        one.addProperty("score", it.score());
        one.addProperty("count", it.count());
        words.add(one);
      }
      result.add("words", words);
      var typical = new JsonArray();
      for (RankedUsage it : sense.typical()) {
        var one = new JsonObject();
        one.addProperty("score", it.score());
        describe(one, it.usage());
        typical.add(one);
      }
      result.add("examples", typical);
      NearestSense nearest = sense.nearest();
      if (nearest != null) {
        var one = new JsonObject();
        one.addProperty("score", nearest.score());
        one.addProperty("fits", nearest.fits());
        SensesCommand.describe(one, nearest.sense());
        result.add("nearest", one);
      }
    }
    return answers.toString();
  }

  private void show(InducedSenses found, SenseInventory inventory) {
    print(
        String.format(
            Locale.ROOT,
            "%s: %,d usages, %s, silhouette %.2f",
            Table.printable(found.lemma()),
            found.usages(),
            found.senses().size() == 1 ? "one sense" : found.senses().size() + " senses",
            found.silhouette()));
    for (InducedSense sense : found.senses()) {
      print("");
      print(
          terminal.bold(
              String.format(
                  Locale.ROOT,
                  "%d  %,d usages (%.0f %%)",
                  sense.number(),
                  sense.size(),
                  100.0 * sense.size() / found.usages())));
      if (!sense.words().isEmpty()) {
        print(
            "   words: "
                + Table.shortened(
                    sense.words().stream().map(ScoredWord::word).collect(Collectors.joining(", ")),
                    COLUMNS));
      }
      NearestSense nearest = sense.nearest();
      if (nearest != null) {
        String told =
            "%s (%s) %s"
                .formatted(
                    nearest.sense().id(),
                    score(nearest.score()),
                    SensesCommand.shown(nearest.sense()));
        print(
            Table.shortened(
                nearest.fits()
                    ? "   nearest: " + told
                    : "   none of the senses of %s is near; the nearest: %s"
                        .formatted(inventory.name(), told),
                COLUMNS + 3));
      }
      sense.typical().forEach(it -> print("   " + shown(it.usage(), COLUMNS)));
    }
  }
}
