package io.polyseme.cli;

import io.polyseme.train.NumberPolicy;
import io.polyseme.train.PhraseRule;
import io.polyseme.train.PunctuationPolicy;
import io.polyseme.train.TextRule;
import io.polyseme.train.TrainingOptions;
import io.polyseme.train.WordModel;
import io.polyseme.words.FastTextModel;
import io.polyseme.words.SubwordRule;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How word vectors are to be trained, as it is asked for. */
abstract class TrainAsked extends Command {
  private static final Pattern LENGTHS = Pattern.compile("(\\d{1,3})-(\\d{1,3})");

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "skip-gram or cbow (default: skip-gram).")
  @Nullable String model;

  @Option(
      names = {"--dimension", "--dim", "--size"},
      paramLabel = "N",
      description = "Numbers of a vector (default: 100).")
  @Nullable Integer dimension;

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "The most words to each side that are seen (default: 5).")
  @Nullable Integer window;

  @Option(
      names = "--negatives",
      paramLabel = "N",
      description = "Words that each prediction is set against (default: 5).")
  @Nullable Integer negatives;

  @Option(
      names = "--negative-power",
      paramLabel = "X",
      description =
          "Those are drawn by their counts to this power (default: 0.75; fastText has 0.5).")
  @Nullable Double negativePower;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "How often the text is gone through (default: 5).")
  @Nullable Integer epochs;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description = "At the beginning; it falls in a line (default: what suits the model).")
  @Nullable Double learningRate;

  @Option(
      names = "--sample",
      paramLabel = "X",
      description =
          "Words that are more than this share of the text are passed over at random; 0 for none"
              + " (default: 1e-4).")
  @Nullable Double sample;

  @Option(
      names = "--min-count",
      paramLabel = "N",
      description = "Leave out words that are rarer (default: 5).")
  @Nullable Integer minCount;

  @Option(
      names = "--subwords",
      paramLabel = "N-M",
      arity = "0..1",
      fallbackValue = "3-6",
      description =
          "Make words of their n-grams of N to M characters too, as fastText does, so that words"
              + " that are not in the text get a vector (default: 3-6; without it none).")
  @Nullable String subwords;

  @Option(
      names = "--buckets",
      paramLabel = "N",
      description = "How many vectors n-grams share (default: ${DEFAULT-VALUE}).")
  int buckets = TrainingOptions.FASTTEXT_SUBWORDS.buckets();

  @Option(
      names = "--max-vocabulary",
      paramLabel = "N",
      description = "Take only the N commonest words.")
  @Nullable Integer maxVocabulary;

  @Option(
      names = "--position-weights",
      description =
          "CBOW: each place of a window weighs by numbers of its own, which are learned too.")
  boolean positionWeights;

  @Option(names = "--seed", paramLabel = "N", description = "Of what is drawn (default: 1).")
  long seed = 1;

  @Option(
      names = "--lower-case",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Make letters lower-case (the default; --no-lower-case keeps them).")
  boolean lowerCase;

  @Option(
      names = "--tokenised",
      description =
          "The text is cut already: what is between white space is a word, punctuation too.")
  boolean tokenised;

  @Option(
      names = "--numbers",
      paramLabel = "POLICY",
      description = "keep, drop, or zeros for digits (default: ${DEFAULT-VALUE}).")
  String numbers = "keep";

  @Option(
      names = "--punctuation",
      paramLabel = "POLICY",
      description = "drop, or keep each mark as a word of its own (default: ${DEFAULT-VALUE}).")
  String punctuation = "drop";

  @Option(
      names = "--phrases",
      paramLabel = "PASSES",
      arity = "0..1",
      fallbackValue = "1",
      description =
          "Join words that stand together much oftener than by chance to one, new york to new_york,"
              + " as word2phrase does; each pass may join what the last has joined (default:"
              + " ${FALLBACK-VALUE}; without it none).")
  @Nullable Integer phrases;

  @Option(
      names = "--phrase-threshold",
      paramLabel = "X",
      description =
          "With --phrases, how much oftener than by chance; higher means fewer phrases (default:"
              + " 100).")
  @Nullable Double phraseThreshold;

  @Option(
      names = "--phrase-min-count",
      paramLabel = "N",
      description =
          "With --phrases, what the count of each pair is lowered by, so that rare ones are not"
              + " joined (default: 5).")
  @Nullable Integer phraseMinCount;

  TrainAsked(Terminal terminal) {
    super(terminal);
  }

  /**
   * What is asked for.
   *
   * @param before a model that is trained further, which says what was not asked for
   */
  TrainingOptions options(@Nullable FastTextModel before) {
    encoderOptions(); // says what is wrong with --threads
    TrainingOptions.Builder builder = TrainingOptions.builder();
    if (before != null) {
      builder
          .model(before.skipGram() ? WordModel.SKIP_GRAM : WordModel.CBOW)
          .dimension(before.dimension())
          .window(Math.max(1, before.window()))
          .negatives(Math.max(1, before.negatives()))
          .minCount(Math.max(1, before.minCount()))
          .sample(before.sample());
    }
    if (model != null) {
      builder.model(
          option("--model", model.equals("skipgram") ? "skip-gram" : model, WordModel.class));
    }
    given(dimension, builder::dimension);
    given(window, builder::window);
    given(negatives, builder::negatives);
    given(negativePower, builder::negativePower);
    given(epochs, builder::epochs);
    given(learningRate, builder::learningRate);
    given(sample, builder::sample);
    given(minCount, builder::minCount);
    given(maxVocabulary, builder::maxVocabulary);
    return builder
        .positionWeights(positionWeights)
        .threads(threads)
        .seed(seed)
        .subwords(subwords == null && before != null ? before.rule() : subwordRule())
        .text(
            TextRule.DEFAULT
                .withLowerCase(lowerCase)
                .withTokenised(tokenised)
                .withNumbers(option("--numbers", numbers, NumberPolicy.class))
                .withPunctuation(option("--punctuation", punctuation, PunctuationPolicy.class)))
        .phrases(phraseRule())
        .build();
  }

  private static <T> void given(@Nullable T value, Consumer<T> option) {
    if (value != null) {
      option.accept(value);
    }
  }

  private @Nullable SubwordRule subwordRule() {
    if (subwords == null) {
      return null;
    }
    Matcher lengths = LENGTHS.matcher(subwords);
    if (!lengths.matches()) {
      throw wrongUse("--subwords is a shortest and a longest length, 3-6 say, and not " + subwords);
    }
    try {
      return new SubwordRule(
          Integer.parseInt(lengths.group(1)), Integer.parseInt(lengths.group(2)), buckets);
    } catch (IllegalArgumentException e) {
      throw wrongUse("--subwords and --buckets: " + e.getMessage());
    }
  }

  private @Nullable PhraseRule phraseRule() {
    if (phrases == null) {
      if (phraseThreshold != null || phraseMinCount != null) {
        throw wrongUse("--phrase-threshold and --phrase-min-count are of --phrases: give that too");
      }
      return null;
    }
    PhraseRule rule = PhraseRule.DEFAULT.withPasses(phrases);
    if (phraseThreshold != null) {
      rule = rule.withThreshold(phraseThreshold);
    }
    return phraseMinCount == null ? rule : rule.withMinCount(phraseMinCount);
  }
}
