package io.polyseme.cli;

import io.polyseme.evaluate.CoarseSenses;
import io.polyseme.evaluate.ContextVectors;
import io.polyseme.evaluate.Evaluation;
import io.polyseme.evaluate.InductionSamples;
import io.polyseme.evaluate.InductionTrial;
import io.polyseme.evaluate.Score;
import io.polyseme.sense.UsageStates;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "induction",
    description = {
      "Senses found by clustering the usages of a word, as induce does it, held against those that"
          + " a set gives them. How many there are is not told.",
      "PATH is what evaluate coarse reads; of CoarseWSD-20 the training parts. Each word in ten"
          + " seeded samples of up to 50 usages a sense, and in one of 250 usages as they come.",
      "Beside it all usages in one cluster, and each in its own: some measures think highly of"
          + " them."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme evaluate induction coarsewsd20",
      "  polyseme evaluate induction coarsewsd20 --words bank,bow --vector \"words(12)\" --json"
    })
final class InductionCommand extends CoarseAsked {
  @Option(
      names = "--vector",
      paramLabel = "PARTS",
      description =
          "What a usage's vector is made of: words(9-12)+0.5*sentence(12), say (default: the last"
              + " third of the layers of the word, and the last of the text).")
  @Nullable String vector;

  @Option(
      names = "--balanced",
      paramLabel = "N",
      description = "Up to N usages a sense in a balanced sample (default: ${DEFAULT-VALUE}).")
  int balanced = InductionSamples.DEFAULT.balanced();

  @Option(
      names = "--draws",
      paramLabel = "N",
      description = "How many balanced samples (default: ${DEFAULT-VALUE}).")
  int draws = InductionSamples.DEFAULT.draws();

  @Option(
      names = "--natural",
      paramLabel = "N",
      description = "Up to N usages as they come (default: ${DEFAULT-VALUE}).")
  int natural = InductionSamples.DEFAULT.natural();

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "Of the first sample (default: ${DEFAULT-VALUE}).")
  long seed = InductionSamples.DEFAULT.seed();

  InductionCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    InductionSamples samples = samples();
    CoarseSenses set = set();
    String name = modelOf(set);
    Evaluation evaluation = score(set, name, samples);
    if (json) {
      show("induction", path, "model", name, evaluation);
      return;
    }
    warn(evaluation.warnings());
    print("model " + name + ", " + evaluation.scores().getFirst().layer());
    print(byMeasure(evaluation).lines());
    Score whole = evaluation.score(InductionTrial.BALANCED, InductionTrial.LEFT_WHOLE);
    print(
        "of %d senses that were clustered alone, %s were left whole (95 %% interval %s to %s)"
            .formatted(
                whole.n(), number(whole.value()), number(whole.low()), number(whole.high())));
  }

  private InductionSamples samples() {
    try {
      InductionSamples samples = new InductionSamples(balanced, draws, natural, seed, null);
      return vector == null ? samples : samples.withMix(mix(vector));
    } catch (IllegalArgumentException e) {
      throw wrongUse(e.getMessage());
    }
  }

  /** A line a sample, with a column a measure and the intervals of the first two. */
  private static Table byMeasure(Evaluation evaluation) {
    var table = new Table();
    table.row(
        "",
        "adjusted Rand",
        "95 % interval",
        "V-measure",
        "95 % interval",
        "paired F",
        "B-cubed F",
        "clusters",
        "usages");
    for (String section : evaluation.scores().stream().map(Score::section).distinct().toList()) {
      Score rand = evaluation.score(section, InductionTrial.ADJUSTED_RAND);
      Score v = evaluation.score(section, InductionTrial.V_MEASURE);
      table.row(
          Table.printable(section),
          number(rand.value()),
          interval(rand),
          number(v.value()),
          interval(v),
          number(evaluation.score(section, InductionTrial.PAIRED_F).value()),
          number(evaluation.score(section, InductionTrial.B_CUBED_F).value()),
          number(evaluation.score(section, InductionTrial.CLUSTERS).value()),
          String.valueOf(rand.n()));
    }
    return table;
  }

  private static String interval(Score score) {
    return Double.isNaN(score.low()) ? "-" : number(score.low()) + " to " + number(score.high());
  }

  private Evaluation score(CoarseSenses set, String name, InductionSamples samples) {
    return evaluate(
        name,
        (encoder, bars) ->
            new InductionTrial(
                    ContextVectors.of(encoder, UsageStates.request()),
                    samples,
                    bars,
                    terminal.cancel())
                .score(set));
  }
}
