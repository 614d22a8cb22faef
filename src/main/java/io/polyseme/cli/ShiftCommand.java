package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.search.FilterFields;
import io.polyseme.usage.PartOfCorpus;
import io.polyseme.usage.Shift;
import io.polyseme.usage.ShiftOptions;
import io.polyseme.usage.Usages;
import io.polyseme.usage.WordShift;
import io.polyseme.usage.WordShift.Measure;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "shift",
    description = {
      "How far the meaning of a word is apart in two parts of a corpus, by time or source, say; for"
          + " no word, all words ranked by that.",
      "APD is the mean distance of a usage of one part and one of the other, PRT the distance of the"
          + " parts' means; p says how probable so much is if the part does not matter. The control"
          + " is what the measure is where whole texts are shuffled between the parts.",
      "An index of chosen words with --lemmatise compares meanings rather than forms."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme index build letters --from letters.jsonl --words cell,plane --lemmatise",
      "  polyseme shift letters cell --by year --before 1850..1899 --after 1950..1999",
      "  polyseme shift letters --by source --top 20 --json"
    })
final class ShiftCommand extends UsageAsked {
  private static final int SHOWN = 8;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "WORD",
      description = "A word, inflected or not; without one, all words that are frequent enough.")
  @Nullable String word;

  @Option(
      names = "--by",
      required = true,
      paramLabel = "FIELD",
      description = "The field of the texts that parts the corpus.")
  String field = "";

  @Option(
      names = "--before",
      paramLabel = "PART",
      description =
          "The first part: a value of the field, or whole numbers from..to (default: the field's"
              + " first value, if it has two).")
  @Nullable String before;

  @Option(names = "--after", paramLabel = "PART", description = "The second part.")
  @Nullable String after;

  @Option(
      names = "--measure",
      paramLabel = "M",
      description = "What words are ranked by: apd or prt (default: ${DEFAULT-VALUE}).")
  String measureName = "apd";

  @Option(
      names = "--least",
      paramLabel = "N",
      description = "Only words with so many usages in each part (default: ${DEFAULT-VALUE}).")
  int least = ShiftOptions.DEFAULT.least();

  @Option(
      names = "--sample",
      paramLabel = "N",
      description = "At most so many usages of each part are compared (default: ${DEFAULT-VALUE}).")
  int sample = ShiftOptions.DEFAULT.usages();

  @Option(
      names = "--permutations",
      paramLabel = "N",
      description = "Of the test (default: ${DEFAULT-VALUE}).")
  int permutations = ShiftOptions.DEFAULT.permutations();

  @Option(
      names = "--controls",
      paramLabel = "N",
      description = "How often texts are shuffled for the control (default: ${DEFAULT-VALUE}).")
  int controls = ShiftOptions.DEFAULT.controls();

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many words of a ranking (default: ${DEFAULT-VALUE}).")
  int top = 20;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of what is chosen at random (default: ${DEFAULT-VALUE}).")
  long seed = ShiftOptions.DEFAULT.seed();

  ShiftCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    if (top < 1) {
      throw wrongUse("--top must be at least 1, and is " + top);
    }
    if ((before == null) != (after == null)) {
      throw wrongUse("--before and --after name two parts: give both");
    }
    Measure measure = option("--measure", measureName, Measure.class);
    var options = new ShiftOptions(least, Math.max(least, sample), permutations, controls, seed);
    try (Bars bars = bars();
        Usages usages = usages(bars)) {
      List<PartOfCorpus> parts = parts(usages);
      var shift = new Shift(usages, parts.get(0), parts.get(1), options);
      List<WordShift> found =
          word == null
              ? shift.ranked(measure, bars, terminal.cancel())
              : List.of(shift.of(usages.lemma(word), terminal.cancel()));
      bars.clear();
      if (found.isEmpty()) {
        throw new PolysemeException(
            "no word has %d usages in \"%s\" and in \"%s\"; --least asks for fewer"
                .formatted(least, parts.get(0).name(), parts.get(1).name()));
      }
      show(found, parts, measure);
    }
  }

  private List<PartOfCorpus> parts(Usages usages) {
    new FilterFields(usages.index()).require(field);
    List<String> names =
        before != null && after != null
            ? List.of(before, after)
            : List.copyOf(usages.index().values(field).keySet());
    if (names.size() != 2) {
      throw wrongUse(
          "the field %s has %d values (%s%s): say with --before and --after which are compared, single values or whole numbers as 1850..1899"
              .formatted(
                  field,
                  names.size(),
                  String.join(", ", names.subList(0, Math.min(SHOWN, names.size()))),
                  names.size() > SHOWN ? ", ..." : ""));
    }
    return names.stream().map(name -> PartOfCorpus.parse(field, name)).toList();
  }

  private void show(List<WordShift> found, List<PartOfCorpus> parts, Measure measure) {
    double[] rates =
        Shift.falseDiscoveryRates(found.stream().mapToDouble(it -> it.p(measure)).toArray());
    List<WordShift> shown = found.subList(0, Math.min(top, found.size()));
    if (json) {
      var answers = new Answers("shift", word == null ? "" : word).of("index", index);
      var whole = new JsonObject();
      whole.addProperty("by", field);
      whole.addProperty("before", parts.get(0).name());
      whole.addProperty("after", parts.get(1).name());
      whole.addProperty("words", found.size());
      answers.with("shift", whole);
      for (int i = 0; i < shown.size(); i++) {
        WordShift it = shown.get(i);
        JsonObject result = answers.result();
        result.addProperty("rank", i + 1);
        result.addProperty("label", it.lemma());
        result.addProperty("score", it.excess(measure));
        result.addProperty("before", it.before());
        result.addProperty("after", it.after());
        result.addProperty("compared", it.compared());
        result.addProperty("apd", it.apd());
        result.addProperty("apdP", it.apdP());
        result.addProperty("prt", it.prt());
        result.addProperty("prtP", it.prtP());
        if (controls > 0) {
          result.addProperty("apdControl", it.apdControl());
          result.addProperty("prtControl", it.prtControl());
        }
        if (word == null) {
          result.addProperty("falseDiscoveryRate", rates[i]);
        }
      }
      print(answers.toString());
      return;
    }
    print(
        String.format(
            Locale.ROOT,
            "%s: \"%s\" and \"%s\", %,d %s",
            field,
            parts.get(0).name(),
            parts.get(1).name(),
            found.size(),
            found.size() == 1 ? "word" : "words"));
    var table = new Table();
    table.row(
        "",
        "word",
        "usages",
        "",
        "compared",
        "APD",
        "p",
        "control",
        "PRT",
        "p",
        "control",
        word == null ? "false discovery rate" : "");
    for (int i = 0; i < shown.size(); i++) {
      WordShift it = shown.get(i);
      table.row(
          Integer.toString(i + 1),
          Table.printable(it.lemma()),
          Integer.toString(it.before()),
          Integer.toString(it.after()),
          Integer.toString(it.compared()),
          score(it.apd()),
          score(it.apdP()),
          control(it.apdControl()),
          score(it.prt()),
          score(it.prtP()),
          control(it.prtControl()),
          word == null ? score(rates[i]) : "");
    }
    print(table.lines());
  }

  private static String control(double value) {
    return Double.isNaN(value) ? "-" : score(value);
  }
}
