package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.train.WordSpaces;
import io.polyseme.words.Alignment;
import io.polyseme.words.AlignmentOptions;
import io.polyseme.words.Dictionary;
import io.polyseme.words.WordFiles;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "align",
    description = {
      "Map a word space into another, by pairs of words that mean the same (orthogonal Procrustes),"
          + " so that the words of both can be compared.",
      "With --hold-out or --test it is measured how often the translation of a word that the map was"
          + " not learned from is the nearest of all words of TARGET, or among the nearest five: by"
          + " cosine, and by CSLS, which corrects for words that are near to everything."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme words align en zh --pairs examples/dictionaries/en-zh.tsv --hold-out 0.2 \\",
      "      --refine 3 --out en-in-zh",
      "  polyseme similar dog --space en-in-zh --among zh"
    })
final class AlignCommand extends Command {
  @Parameters(index = "0", paramLabel = "SOURCE", description = "The space that is mapped.")
  String source = "";

  @Parameters(index = "1", paramLabel = "TARGET", description = "The space that it is mapped into.")
  String target = "";

  @Option(
      names = "--pairs",
      required = true,
      paramLabel = "FILE",
      description = "Pairs to learn from: a word of SOURCE, a tab and one of TARGET a line.")
  Path pairs = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "NAME_OR_FILE",
      description =
          "The mapped space: a name in the cache, or a file ending in "
              + WordSpaces.EXTENSION
              + ".")
  String out = "";

  @Option(names = "--test", paramLabel = "FILE", description = "Pairs to measure on.")
  @Nullable Path test;

  @Option(
      names = "--hold-out",
      paramLabel = "SHARE",
      description = "Measure on this share of the pairs, from 0 to 1, and learn from the others.")
  @Nullable Double holdOut;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Which pairs are held out (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(
      names = "--refine",
      paramLabel = "N",
      description =
          "Learn again, N times, from the pairs and from words that are each other's nearest"
              + " (default: ${DEFAULT-VALUE}).")
  int refine = AlignmentOptions.DEFAULT.refinements();

  @Option(
      names = "--vocabulary",
      paramLabel = "N",
      description =
          "How many of the first words of each space take part in refinement and CSLS (default:"
              + " ${DEFAULT-VALUE}).")
  int vocabulary = AlignmentOptions.DEFAULT.vocabulary();

  AlignCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (test != null && holdOut != null) {
      throw wrongUse("--test and --hold-out cannot both be asked");
    }
    if (threads < 1) {
      throw wrongUse("--threads must be at least 1, and is " + threads);
    }
    if (refine < 0) {
      throw wrongUse("--refine must not be negative, and is " + refine);
    }
    if (vocabulary < 1) {
      throw wrongUse("--vocabulary must be at least 1, and is " + vocabulary);
    }
    AlignmentOptions options =
        AlignmentOptions.DEFAULT
            .withRefinements(refine)
            .withVocabulary(vocabulary)
            .withThreads(threads);
    Dictionary all = Dictionary.read(pairs);
    Dictionary train = all;
    Dictionary held = test == null ? null : Dictionary.read(test);
    if (holdOut != null) {
      Dictionary.Split split = all.split(holdOut, seed);
      train = split.train();
      held = split.test();
    }
    Path file = spaces().output(out);
    WordFiles.requireOther(spaces().file(source), file);
    WordFiles.requireOther(spaces().file(target), file);
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (Bars bars = bars();
        WordVectors from = spaces().open(source, bars, terminal.cancel());
        WordVectors to = spaces().open(target, bars, terminal.cancel())) {
      Alignment alignment = Alignment.learn(from, to, train, options, bars, terminal.cancel());
      Alignment.Evaluation evaluation =
          held == null ? null : alignment.evaluate(held, bars, terminal.cancel());
      alignment.write(from.info(), out, to.info().name(), file, bars, terminal.cancel());
      bars.clear();
      show(alignment, evaluation, from.size(), file);
    }
  }

  private void show(
      Alignment alignment, Alignment.@Nullable Evaluation evaluation, int words, Path file) {
    List<String> warnings = new ArrayList<>();
    lacking("learned from", alignment.missing(), warnings);
    if (evaluation != null) {
      lacking("measured on", evaluation.missing(), warnings);
    }
    if (json) {
      var answers = new Answers("words align", source + " " + target).of("space", out);
      if (evaluation != null) {
        precision(answers, "cosine", evaluation.cosine(), evaluation.words());
        precision(answers, "csls", evaluation.csls(), evaluation.words());
      }
      answers.warn(warnings);
      print(answers.toString());
      return;
    }
    warn(warnings);
    print(
        String.format(
            Locale.ROOT,
            "%,d words of %s in the space of %s: %s, learned from %,d pairs",
            words,
            source,
            target,
            file,
            alignment.pairs()));
    if (evaluation != null) {
      var table = new Table();
      table.row(evaluation.words() + " words held out", "precision@1", "precision@5");
      row(table, "cosine", evaluation.cosine());
      row(table, "CSLS", evaluation.csls());
      print(table.lines());
    }
  }

  private static void lacking(String what, List<Dictionary.Pair> missing, List<String> warnings) {
    if (!missing.isEmpty()) {
      Dictionary.Pair first = missing.getFirst();
      warnings.add(
          "%d pairs are not %s: a space lacks a word (the first is %s, %s)"
              .formatted(missing.size(), what, first.source(), first.target()));
    }
  }

  private static void row(Table table, String by, Alignment.Precision precision) {
    table.row(by, number(precision.at1()), number(precision.at5()));
  }

  private static void precision(
      Answers answers, String by, Alignment.Precision precision, int words) {
    for (int k : new int[] {1, 5}) {
      JsonObject result = answers.result();
      result.addProperty("metric", "precision@" + k);
      result.addProperty("section", by);
      result.addProperty("value", k == 1 ? precision.at1() : precision.at5());
      result.addProperty("words", words);
    }
  }
}
