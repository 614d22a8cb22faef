package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.sense.Sense;
import io.polyseme.sense.SenseInventory;
import io.polyseme.usage.Meaning;
import io.polyseme.usage.RankedUsage;
import io.polyseme.usage.Usage;
import io.polyseme.usage.Usages;
import io.polyseme.vector.Filter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "usages",
    description = {
      "Where a word is used in a corpus in the meaning that it has in a text, or in a sense.",
      "With --any, the usages of any word that mean what this word means here. With neither --in"
          + " nor --sense, the word's usages in the order of the corpus.",
      "The score is the cosine of standardised vectors: two usages at random have about 0."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme index build letters --from letters/ --source usages",
      "  polyseme usages letters bank",
      "  polyseme usages letters bank --in \"he sat on the bank of the river\"",
      "  polyseme usages letters bank --sense bank%1:17:01:: --top 20 --json",
      "  polyseme usages letters bank --in \"he sat on the bank of the river\" --any --others"
    })
final class UsagesCommand extends UsageAsked {
  @Parameters(index = "1", paramLabel = "WORD", description = "A word, inflected or not.")
  String word = "";

  @Option(names = "--in", paramLabel = "TEXT", description = "A text that the word stands in.")
  @Nullable String in;

  @Option(
      names = "--sense",
      paramLabel = "ID",
      description = "A sense of the inventory (polyseme senses WORD lists them).")
  @Nullable String senseId;

  @Option(names = "--any", description = "Usages of any word.")
  boolean any;

  @Option(names = "--others", description = "Usages of any word but this one.")
  boolean others;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many usages (default: ${DEFAULT-VALUE}).")
  int top = 10;

  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      description = "Only usages whose field has this value; may be given again.")
  List<String> filters = List.of();

  UsagesCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    if (top < 1) {
      throw wrongUse("--top must be at least 1, and is " + top);
    }
    if (in != null && senseId != null) {
      throw wrongUse("--in and --sense both say which meaning is looked for: give one");
    }
    if ((any || others) && in == null && senseId == null) {
      throw wrongUse("--any and --others need --in or --sense, which say what is meant");
    }
    try (Bars bars = bars();
        Usages usages = usages(bars)) {
      if (in == null && senseId == null) {
        list(usages, bars);
        return;
      }
      Meaning meaning = in != null ? usages.meaning(word, in) : meaning(usages, senseId);
      Filter filter = filter(usages, filters);
      // A word that only the text has may well have usages of others that mean the same.
      String lemma = any || others ? meaning.lemma() : usages.lemma(word);
      if (others) {
        filter = filter.and(new Filter.In("lemma", Set.of(lemma)).not());
      } else if (!any) {
        filter = filter.and(Filter.equal("lemma", lemma));
      }
      List<RankedUsage> ranked = usages.nearest(meaning, filter, top);
      bars.clear();
      show(meaning, ranked);
    }
  }

  private Meaning meaning(Usages usages, String id) {
    try (SenseInventory inventory = inventory()) {
      Sense sense =
          inventory
              .sense(id)
              .orElseThrow(
                  () ->
                      new PolysemeException(
                          "the inventory %s has no sense \"%s\"; polyseme senses %s lists those it has"
                              .formatted(inventory.name(), id, word)));
      return usages.meaning(sense);
    }
  }

  private void list(Usages usages, Bars bars) {
    String lemma = usages.lemma(word);
    Filter filter = filter(usages, filters).and(Filter.equal("lemma", lemma));
    List<Usage> found = usages.of(filter, top);
    bars.clear();
    if (json) {
      var answers = new Answers("usages", word).of("index", index);
      found.forEach(usage -> describe(answers.result(), usage));
      print(answers.toString());
      return;
    }
    var table = new Table();
    found.forEach(usage -> table.row(shown(usage), Table.printable(usage.label())));
    print(table.lines());
  }

  private void show(Meaning meaning, List<RankedUsage> ranked) {
    if (json) {
      var answers = new Answers("usages", word).of("index", index).warn(meaning.notes());
      var meant = new JsonObject();
      meant.addProperty("lemma", meaning.lemma());
      meant.add("texts", Answers.strings(meaning.texts()));
      answers.with("meaning", meant);
      for (RankedUsage it : ranked) {
        JsonObject result = answers.result();
        result.addProperty("rank", it.rank());
        result.addProperty("score", it.score());
        describe(result, it.usage());
      }
      print(answers.toString());
      return;
    }
    warn(meaning.notes());
    if (ranked.isEmpty()) {
      print("nothing was found");
    }
    var table = new Table();
    for (RankedUsage it : ranked) {
      table.row(
          Integer.toString(it.rank()),
          score(it.score()),
          shown(it.usage()),
          Table.printable(it.usage().label()));
    }
    print(table.lines());
  }
}
