package io.polyseme.cli;

import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.PiecePooling;
import io.polyseme.evaluate.CoarseOptions;
import io.polyseme.evaluate.CoarseSenses;
import io.polyseme.evaluate.CoarseSenses.Division;
import io.polyseme.evaluate.CoarseTrial;
import io.polyseme.evaluate.ContextVectors;
import io.polyseme.evaluate.Evaluation;
import io.polyseme.sense.UsageStates;
import io.polyseme.words.WordVectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "coarse",
    description = {
      "Coarse senses of words in their contexts, beside the most frequent sense.",
      "PATH is the folder of CoarseWSD-20 or of one of its words: classes_map.txt; train.data.txt"
          + " and test.data.txt with a token's index, a tab and a text a line; train.gold.txt and"
          + " test.gold.txt with a sense's number a line. Senses are learned from the training"
          + " part, up to 100 texts each, and told by the cosine to their means, with the variance"
          + " within senses whitened as five-fold cross-validation of the training part says.",
      "Or a lexical sample in Senseval's XML (hard, line, serve, interest), or a folder of them:"
          + " ten seeded halves, the ten nearest usages of the one for each of the other.",
      "Or a file of SememeWSD: each text by the nearest of the word's others, those left out that"
          + " share 0.6 of their pairs of characters with it.",
      "With --layer, layer by layer and without whitening or standardising: the sense whose mean"
          + " vector is nearest."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme evaluate coarse coarsewsd20",
      "  polyseme evaluate coarse coarsewsd20 --curve --model all-minilm-l6-v2",
      "  polyseme evaluate coarse coarsewsd20 --words bank,bow --layer all",
      "  polyseme evaluate coarse line.pos --vector \"words(9-12)+sentence(12)\""
    })
final class CoarseCommand extends CoarseAsked {
  @Option(
      names = "--vector",
      paramLabel = "PARTS",
      description =
          "What a usage's vector is made of: words(9-12)+0.5*sentence(12), say (default: the last"
              + " third of the layers of the word, and by set the second third or the text).")
  @Nullable String vector;

  @Option(
      names = "--curve",
      description =
          "With 1, 3, 10, 30 and 100 training texts a sense, five draws each from all there are, by"
              + " which dimensions are standardised without labels.")
  boolean curve;

  @Option(
      names = "--layer",
      paramLabel = "LAYER",
      description = "Layer by layer: all, last, 4, 0-3, sum(1,2), mean(last4).")
  @Nullable String layer;

  @Option(
      names = "--pool",
      paramLabel = "POOLING",
      description =
          "With --layer, how word pieces become a word: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}).")
  PiecePooling pool = PiecePooling.MEAN;

  @Option(
      names = "--space",
      paramLabel = "SPACE",
      description =
          "Instead of an encoder: the mean of the words around, each with its vector in this word"
              + " space; as with --layer.")
  @Nullable String space;

  @Option(
      names = "--examples",
      paramLabel = "N",
      description =
          "Learn each sense from N training texts, drawn by the seed (default: 100, and with"
              + " --layer all).")
  @Nullable Integer examples;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "For drawing texts, and for the intervals (default: ${DEFAULT-VALUE}).")
  long seed = CoarseOptions.DEFAULT.seed();

  CoarseCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    if (examples != null && examples < 0) {
      throw wrongUse("--examples must not be negative, and is " + examples);
    }
    if (space != null && (layer != null || curve || vector != null || model != null)) {
      throw wrongUse("--space goes without --layer, --curve, --vector and --model");
    }
    if (layer != null && (curve || vector != null)) {
      throw wrongUse("--layer goes layer by layer, without --curve and --vector");
    }
    if (curve && examples != null) {
      throw wrongUse("--curve draws 1 to 100 examples itself, without --examples");
    }
    CoarseOptions options = options();
    @Nullable EncodeRequest request =
        layer == null
            ? null
            : EncodeRequest.ofWords().withLayers(Layers.parse(layer)).withPiecePooling(pool);
    CoarseSenses set = set();
    if (set.division() != Division.PARTS
        && (layer != null || space != null || curve || examples != null)) {
      throw wrongUse(
          "--layer, --space, --curve and --examples are for sets with a training part, and %s has none"
              .formatted(path));
    }
    if (space != null) {
      show("coarse", path, "space", space, byWords(set, space, options));
      return;
    }
    String name = modelOf(set);
    show("coarse", path, "model", name, score(set, name, request, options));
  }

  private CoarseOptions options() {
    int of =
        examples != null ? examples : layer == null && space == null ? CoarseTrial.EXAMPLES : 0;
    CoarseOptions options = CoarseOptions.DEFAULT.withExamples(of).withSeed(seed);
    return vector == null ? options : options.withMix(mix(vector));
  }

  private Evaluation byWords(CoarseSenses set, String name, CoarseOptions options) {
    try (Bars bars = bars();
        WordVectors words = spaces().open(name, bars, terminal.cancel())) {
      return set.score(ContextVectors.ofMean(words), options, bars, terminal.cancel());
    }
  }

  private Evaluation score(
      CoarseSenses set, String name, @Nullable EncodeRequest request, CoarseOptions options) {
    return evaluate(
        name,
        (encoder, bars) -> {
          if (request != null) {
            return set.score(ContextVectors.of(encoder, request), options, bars, terminal.cancel());
          }
          var trial =
              new CoarseTrial(
                  ContextVectors.of(encoder, UsageStates.request()),
                  options,
                  bars,
                  terminal.cancel());
          return curve ? trial.curve(set) : trial.score(set);
        });
  }
}
