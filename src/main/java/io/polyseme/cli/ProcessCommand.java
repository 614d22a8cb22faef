package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.train.WordSpaces;
import io.polyseme.words.Processing;
import io.polyseme.words.WordFiles;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "process",
    description = {
      "Post-process a word space into a new one: the steps are done in the order in which they are"
          + " given, each fitted to what the ones before it made of all vectors."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme words process en --unit --all-but-the-top --out en-abtt",
      "  polyseme words process en --components 128 --unit --quantise --out en-128"
    })
final class ProcessCommand extends Command {
  private final List<Processing.Step> steps = new ArrayList<>();

  @Parameters(paramLabel = "SPACE", description = "en, zh, another name in the cache, or a file.")
  String name = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "NAME_OR_FILE",
      description = "A name in the cache, or a file ending in " + WordSpaces.EXTENSION + ".")
  String out = "";

  ProcessCommand(Terminal terminal) {
    super(terminal);
  }

  @Option(names = "--mean", description = "Take the mean of all vectors away from each.")
  void mean(boolean given) {
    if (given) {
      steps.add(new Processing.RemoveMean());
    }
  }

  @Option(
      names = "--all-but-the-top",
      arity = "0..1",
      fallbackValue = "0",
      paramLabel = "N",
      description =
          "Take the mean away, and what lies along the first N principal components (default: a"
              + " hundredth of the dimension).")
  void allButTheTop(@Nullable Integer components) {
    if (components != null) {
      steps.add(step(() -> new Processing.AllButTheTop(components)));
    }
  }

  @Option(
      names = "--components",
      paramLabel = "N",
      description = "See vectors from their mean along the first N principal components.")
  void components(@Nullable Integer count) {
    if (count != null) {
      steps.add(step(() -> new Processing.Components(count)));
    }
  }

  private Processing.Step step(Supplier<Processing.Step> step) {
    try {
      return step.get();
    } catch (IllegalArgumentException e) {
      throw wrongUse(e.getMessage());
    }
  }

  @Option(names = "--unit", description = "Make every vector unit length.")
  void unit(boolean given) {
    if (given) {
      steps.add(new Processing.UnitLength());
    }
  }

  @Option(
      names = "--quantise",
      description =
          "Round to 8 bits a number and back, to see what that costs; the file gets no smaller.")
  void quantise(boolean given) {
    if (given) {
      steps.add(new Processing.Quantise());
    }
  }

  @Override
  void run() throws IOException {
    if (steps.isEmpty()) {
      throw wrongUse(
          "say what to do: --mean, --all-but-the-top, --components N, --unit or --quantise");
    }
    var processing = new Processing(steps);
    Path file = spaces().output(out);
    WordFiles.requireOther(spaces().file(name), file);
    try (Bars bars = bars();
        WordVectors space = spaces().open(name, bars, terminal.cancel())) {
      space.verify(bars, terminal.cancel()); // damage would not show any more in what is made
      if (space.subwordRule().isPresent()) {
        warn(List.of("the vectors of n-grams are not processed, and are left out"));
      }
      Processing.Report report =
          processing.apply(space, space.info(), out, file, bars, terminal.cancel());
      bars.clear();
      if (json) {
        var answers = new Answers("words process", name).of("space", name);
        JsonObject result = answers.result();
        result.addProperty("label", out);
        result.addProperty("size", report.words());
        result.addProperty("dimension", report.dimension());
        result.addProperty(Processing.PROPERTY, processing.toString());
        result.addProperty("explained", report.explained());
        result.addProperty("meanCosine", report.meanCosine());
        result.addProperty("leastCosine", report.leastCosine());
        result.addProperty("file", file.toString());
        print(answers.toString());
        return;
      }
      print(
          String.format(
              Locale.ROOT,
              "%,d words of %d dimensions in %s: %s",
              report.words(),
              report.dimension(),
              file,
              processing));
      if (steps.stream().anyMatch(Processing.Components.class::isInstance)) {
        print(String.format(Locale.ROOT, "%.1f %% of the variance kept", 100 * report.explained()));
      }
      if (steps.contains(new Processing.Quantise())) {
        print(
            String.format(
                Locale.ROOT,
                "cosine of quantised vectors to the originals: mean %.5f, least %.5f",
                report.meanCosine(),
                report.leastCosine()));
      }
    }
  }
}
