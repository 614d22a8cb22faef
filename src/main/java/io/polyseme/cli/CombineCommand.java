package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.train.WordSpaces;
import io.polyseme.words.Combination;
import io.polyseme.words.CombinationOptions;
import io.polyseme.words.WordFiles;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "combine",
    description = {
      "Make one word space out of several, by the words that are written the same: their vectors one"
          + " behind the other, or their mean once the spaces are aligned (orthogonal Procrustes)."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme words combine trained.words en --weights 1,0.5 --centre --out both",
      "  polyseme words combine trained.words en --method average --words all --out both.words"
    })
final class CombineCommand extends Command {
  @Parameters(
      arity = "1..*",
      paramLabel = "SPACE",
      description = "At least two: en, zh, other names in the cache, or files.")
  List<String> names = new ArrayList<>();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "NAME_OR_FILE",
      description = "A name in the cache, or a file ending in " + WordSpaces.EXTENSION + ".")
  String out = "";

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      description = "concatenate or average (default: ${DEFAULT-VALUE}).")
  String how = "concatenate";

  @Option(
      names = "--weights",
      split = ",",
      paramLabel = "W",
      description =
          "A weight for each space, with commas between; vectors are made unit length first"
              + " (default: 1 each).")
  List<Double> weights = new ArrayList<>();

  @Option(
      names = "--words",
      paramLabel = "WHICH",
      description =
          "common: the words that all spaces have; all: those that any has, the parts that others"
              + " lack being zero, or left out of the mean (default: ${DEFAULT-VALUE}).")
  String which = "common";

  @Option(
      names = "--centre",
      description = "Take the mean of all vectors of a space away from each first.")
  boolean centre;

  CombineCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (names.size() < 2) {
      throw wrongUse("there is nothing to combine in one space: name at least two");
    }
    if (!weights.isEmpty() && weights.size() != names.size()) {
      throw wrongUse(
          "--weights are %d, and the spaces %d: give one for each"
              .formatted(weights.size(), names.size()));
    }
    CombinationOptions options =
        CombinationOptions.DEFAULT
            .withMethod(option("--method", how, CombinationOptions.Method.class))
            .withVocabulary(option("--words", which, CombinationOptions.Vocabulary.class))
            .withWeights(weights)
            .withCentred(centre)
            .withThreads(encoderOptions().threads());
    Path file = spaces().output(out);
    for (String name : names) {
      WordFiles.requireOther(spaces().file(name), file);
    }
    List<WordVectors> spaces = new ArrayList<>();
    try (Bars bars = bars()) {
      for (String name : names) {
        spaces.add(spaces().open(name, bars, terminal.cancel()));
      }
      Combination.Report report =
          Combination.combine(spaces, options, out, file, bars, terminal.cancel());
      bars.clear();
      show(spaces, report, file);
    } finally {
      spaces.forEach(WordVectors::close);
    }
  }

  private void show(List<WordVectors> spaces, Combination.Report report, Path file) {
    List<String> warnings = new ArrayList<>();
    if (spaces.stream().anyMatch(space -> space.subwordRule().isPresent())) {
      warnings.add("the vectors of n-grams are not combined, and are left out");
    }
    if (json) {
      var answers = new Answers("words combine", String.join(" ", names)).of("space", out);
      JsonObject result = answers.result();
      result.addProperty("label", out);
      result.addProperty("size", report.words());
      result.addProperty("dimension", report.dimension());
      result.addProperty("common", report.common());
      var present = new JsonArray();
      report.present().forEach(present::add);
      result.add("present", present);
      result.addProperty("frequencies", report.frequencies());
      result.addProperty("file", file.toString());
      print(answers.warn(warnings).toString());
      return;
    }
    warn(warnings);
    print(
        String.format(
            Locale.ROOT,
            "%,d words of %d dimensions in %s; all spaces have %,d of them",
            report.words(),
            report.dimension(),
            file,
            report.common()));
    var table = new Table();
    table.row("", "words", "here", "lacking");
    for (int s = 0; s < spaces.size(); s++) {
      table.row(
          names.get(s),
          String.format(Locale.ROOT, "%,d", spaces.get(s).size()),
          String.format(Locale.ROOT, "%,d", report.present().get(s)),
          String.format(Locale.ROOT, "%,d", report.words() - report.present().get(s)));
    }
    print(table.lines());
  }
}
