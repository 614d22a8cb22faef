package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.train.NumberPolicy;
import io.polyseme.train.Phrase;
import io.polyseme.train.PhraseRule;
import io.polyseme.train.PunctuationPolicy;
import io.polyseme.train.TextRule;
import io.polyseme.train.TrainedVectors;
import io.polyseme.train.TrainingCorpus;
import io.polyseme.train.TrainingOptions;
import io.polyseme.train.TrainingProgress;
import io.polyseme.train.TrainingRun;
import io.polyseme.train.WordModel;
import io.polyseme.train.WordSpaces;
import io.polyseme.train.WordVectorTrainer;
import io.polyseme.words.ExportOptions;
import io.polyseme.words.SubwordRule;
import io.polyseme.words.VectorFormat;
import io.polyseme.words.WordFiles;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "train",
    description = {
      "Train word vectors from raw text: words learn from the words around them (skip-gram or CBOW"
          + " with negative sampling, as word2vec, gensim and fastText have it)."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme train --in corpus.txt.gz --out mine.words",
      "  polyseme train --in texts/ --out vectors.txt --model cbow --dimension 300 --epochs 10",
      "  polyseme train --in cut.txt --tokenised --out law       (a name in the cache)"
    })
final class TrainCommand extends Command {
  private static final Pattern LENGTHS = Pattern.compile("(\\d{1,3})-(\\d{1,3})");
  private static final TrainingOptions DEFAULT = TrainingOptions.builder().build();

  @Option(
      names = "--in",
      required = true,
      paramLabel = "FILE_OR_FOLDER",
      description =
          "Text, a line a sentence or paragraph: a file, packed with gzip or not, or a folder of"
              + " them; .jsonl and .tsv have it in the field text. May be given again.")
  List<Path> in = new ArrayList<>();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "NAME_OR_FILE",
      description =
          "A name in the cache or a file ending in "
              + WordSpaces.EXTENSION
              + " for a word space; .txt and .vec are word2vec's text, .bin its binary, with .gz"
              + " behind it or not.")
  String out = "";

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "skip-gram or cbow (default: skip-gram).")
  String model = "skip-gram";

  @Option(
      names = {"--dimension", "--dim", "--size"},
      paramLabel = "N",
      description = "Numbers of a vector (default: ${DEFAULT-VALUE}).")
  int dimension = DEFAULT.dimension();

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "The most words to each side that are seen (default: ${DEFAULT-VALUE}).")
  int window = DEFAULT.window();

  @Option(
      names = "--negatives",
      paramLabel = "N",
      description = "Words that each prediction is set against (default: ${DEFAULT-VALUE}).")
  int negatives = DEFAULT.negatives();

  @Option(
      names = "--negative-power",
      paramLabel = "X",
      description =
          "Those are drawn by their counts to this power (default: ${DEFAULT-VALUE}; fastText has"
              + " 0.5).")
  double negativePower = DEFAULT.negativePower();

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "How often the text is gone through (default: ${DEFAULT-VALUE}).")
  int epochs = DEFAULT.epochs();

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description = "At the beginning; it falls in a line (default: what suits the model).")
  double learningRate = DEFAULT.learningRate();

  @Option(
      names = "--sample",
      paramLabel = "X",
      description =
          "Words that are more than this share of the text are passed over at random; 0 for none"
              + " (default: ${DEFAULT-VALUE}).")
  double sample = DEFAULT.sample();

  @Option(
      names = "--min-count",
      paramLabel = "N",
      description = "Leave out words that are rarer (default: ${DEFAULT-VALUE}).")
  int minCount = DEFAULT.minCount();

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
      names = "--to",
      paramLabel = "FORMAT",
      description =
          "polyseme, word2vec-text, word2vec-binary, glove or fasttext (default: by the name of"
              + " --out; with --subwords .bin is fastText's).")
  @Nullable String to;

  @Option(
      names = "--max-vocabulary",
      paramLabel = "N",
      description = "Take only the N commonest words.")
  int maxVocabulary = DEFAULT.maxVocabulary();

  @Option(names = "--seed", paramLabel = "N", description = "Of what is drawn (default: 1).")
  long seed = DEFAULT.seed();

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

  @Option(
      names = "--start",
      paramLabel = "SPACE",
      description =
          "Begin with the vectors of a word space, of as many dimensions, instead of random ones.")
  @Nullable String start;

  @Option(
      names = "--checkpoint",
      paramLabel = "SECONDS",
      description =
          "How often what is trained is saved (default: ${DEFAULT-VALUE}). A training that was"
              + " ended goes on when the same command is given again.")
  int everySeconds = 300;

  @Option(names = "--restart", description = "Begin anew, and throw away what an earlier run left.")
  boolean restart;

  TrainCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    TrainingOptions options = options();
    VectorFormat format = format();
    Path target =
        format == VectorFormat.POLYSEME ? spaces().output(out) : Path.of(out).toAbsolutePath();
    requireWritable(target);
    Path work = target.resolveSibling("." + target.getFileName() + ".training");
    Path checkpoint = work.resolve("checkpoint");
    if (restart) {
      Files.deleteIfExists(checkpoint);
    }
    long began = System.nanoTime();
    try (Bars bars = bars();
        @Nullable WordVectors first = start == null ? null : open(bars);
        TrainingCorpus corpus = TrainingCorpus.read(in, work, options, bars, terminal.cancel())) {
      double reading = seconds(began);
      bars.clear();
      tell(corpus, options, Files.exists(checkpoint));
      var last = new TrainingProgress[1];
      TrainingRun run =
          TrainingRun.DEFAULT
              .withCheckpoint(checkpoint, Duration.ofSeconds(everySeconds))
              .withStart(first)
              .withListener(
                  progress -> {
                    last[0] = progress;
                    bars.update(
                        "training", progress.words(), progress.totalWords(), () -> note(progress));
                  });
      TrainedVectors vectors = WordVectorTrainer.train(corpus, options, run, terminal.cancel());
      bars.clear();
      write(vectors, format, target, bars);
      bars.clear();
      Files.deleteIfExists(checkpoint);
      show(corpus, last[0], target, reading, seconds(began));
    } catch (PolysemeException e) {
      if (Files.exists(checkpoint)) {
        warn(List.of("what was trained is kept: the same command goes on with it"));
      }
      throw e;
    } finally {
      removeIfEmpty(work);
    }
  }

  private WordVectors open(Bars bars) {
    return spaces().open(start, bars, terminal.cancel());
  }

  private void tell(TrainingCorpus corpus, TrainingOptions options, boolean goesOn) {
    TrainingCorpus.Report report = corpus.report();
    warn(warnings(report));
    if (!quiet && !json) {
      terminal
          .err()
          .println(
              String.format(
                  Locale.ROOT,
                  "%,d words of text, %,d different; %,d in the vocabulary; %,d MB of memory%s",
                  report.tokens(),
                  report.types(),
                  corpus.size(),
                  Math.max(1, WordVectorTrainer.bytes(corpus, options) >> 20),
                  goesOn ? "; an earlier training goes on" : ""));
    }
  }

  private static void removeIfEmpty(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException _) {
      // a checkpoint
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private VectorFormat format() {
    if (to != null) {
      return option("--to", to, VectorFormat.class);
    }
    VectorFormat format = WordsCommand.format(out);
    if (format == null) {
      throw wrongUse("the name " + out + " does not tell the format: give it with --to");
    }
    return format == VectorFormat.WORD2VEC_BINARY && subwords != null
        ? VectorFormat.FASTTEXT
        : format;
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

  private TrainingOptions options() {
    if (everySeconds < 1) {
      throw wrongUse("--checkpoint must be at least 1, and is " + everySeconds);
    }
    encoderOptions(); // says what is wrong with --threads
    TrainingOptions.Builder builder = TrainingOptions.builder();
    builder
        .model(option("--model", model.equals("skipgram") ? "skip-gram" : model, WordModel.class))
        .dimension(dimension)
        .window(window)
        .negatives(negatives)
        .negativePower(negativePower)
        .epochs(epochs)
        .learningRate(learningRate)
        .sample(sample)
        .minCount(minCount)
        .maxVocabulary(maxVocabulary)
        .threads(threads)
        .seed(seed)
        .subwords(subwordRule())
        .text(
            TextRule.DEFAULT
                .withLowerCase(lowerCase)
                .withTokenised(tokenised)
                .withNumbers(option("--numbers", numbers, NumberPolicy.class))
                .withPunctuation(option("--punctuation", punctuation, PunctuationPolicy.class)))
        .phrases(phraseRule());
    return builder.build();
  }

  /** What cannot be written is better known before an hour of training than after it. */
  private static void requireWritable(Path target) {
    Path folder = target.getParent();
    if (Files.isDirectory(target)) {
      throw new PolysemeException(target + " is a folder: give the path of a file");
    }
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new PolysemeException(
          "%s cannot be written: there is no folder %s that can be written to"
              .formatted(target, folder));
    }
  }

  private static List<String> warnings(TrainingCorpus.Report report) {
    var warnings = new ArrayList<String>();
    if (report.invalid() > 0) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%,d of %,d bytes are not UTF-8; they stand between words",
              report.invalid(),
              report.bytes()));
    }
    if (report.unreadable() > 0) {
      warnings.add(
          String.format(Locale.ROOT, "%,d texts cannot be read, left out", report.unreadable()));
    }
    if (report.overlong() > 0) {
      warnings.add(
          String.format(
              Locale.ROOT, "%,d words of more than 4,096 bytes left out", report.overlong()));
    }
    if (report.prunedPairs() > 0) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%,d rare pairs of words forgotten while phrases were looked for",
              report.prunedPairs()));
    }
    return warnings;
  }

  /** The phrases with the best scores. */
  private static List<Phrase> best(TrainingCorpus corpus) {
    return corpus.phrases().subList(0, Math.min(10, corpus.phrases().size()));
  }

  private static JsonObject phrases(TrainingCorpus corpus) {
    var phrases = new JsonObject();
    phrases.addProperty("count", corpus.phrases().size());
    var best = new JsonArray();
    for (Phrase phrase : best(corpus)) {
      var one = new JsonObject();
      one.addProperty("label", phrase.text());
      one.addProperty("count", phrase.count());
      one.addProperty("score", phrase.score());
      best.add(one);
    }
    phrases.add("best", best);
    return phrases;
  }

  private static String note(TrainingProgress progress) {
    return String.format(
        Locale.ROOT, "%.0fk words/s loss %.3f", progress.wordsPerSecond() / 1000, progress.loss());
  }

  private void write(TrainedVectors vectors, VectorFormat format, Path target, Bars bars) {
    if (format == VectorFormat.POLYSEME) {
      vectors.write(target, out, bars, terminal.cancel());
    } else if (format == VectorFormat.FASTTEXT) {
      vectors.writeFastText(target, bars, terminal.cancel());
    } else {
      if (subwords != null) {
        warn(List.of("this format has no n-grams: the vectors of those are left out"));
      }
      WordFiles.write(vectors, target, ExportOptions.of(format), bars, terminal.cancel());
    }
  }

  private void show(
      TrainingCorpus corpus, TrainingProgress last, Path target, double reading, double seconds) {
    double pace = last.totalWords() / seconds;
    if (json) {
      var answers = new Answers("train", in.getFirst().toString()).of("space", out);
      JsonObject result = answers.result();
      result.addProperty("label", out);
      result.addProperty("size", corpus.size());
      result.addProperty("dimension", dimension);
      result.addProperty("tokens", corpus.report().tokens());
      result.addProperty("types", corpus.report().types());
      result.addProperty("words", corpus.total());
      if (phrases != null) {
        result.add("phrases", phrases(corpus));
      }
      result.addProperty("loss", last.loss());
      result.addProperty("readingSeconds", reading);
      result.addProperty("seconds", seconds);
      result.addProperty("wordsPerSecond", pace);
      result.addProperty("trainingWordsPerSecond", last.wordsPerSecond());
      result.addProperty("file", target.toString());
      print(answers.warn(warnings(corpus.report())).toString());
      return;
    }
    print(
        String.format(
            Locale.ROOT,
            "%,d words of %d dimensions in %s: %.1f s, %,.0f words/s (%.1f s of it reading,"
                + " training at %,.0f words/s), loss %.3f",
            corpus.size(),
            dimension,
            target,
            seconds,
            pace,
            reading,
            last.wordsPerSecond(),
            last.loss()));
    if (phrases != null) {
      List<String> best = best(corpus).stream().map(Phrase::text).toList();
      print(
          String.format(Locale.ROOT, "%,d phrases", corpus.phrases().size())
              + (best.isEmpty() ? "" : ", by score: " + String.join(", ", best)));
    }
  }
}
