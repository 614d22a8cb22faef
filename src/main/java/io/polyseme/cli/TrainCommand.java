package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.train.Phrase;
import io.polyseme.train.TrainedVectors;
import io.polyseme.train.TrainingCorpus;
import io.polyseme.train.TrainingListener;
import io.polyseme.train.TrainingOptions;
import io.polyseme.train.TrainingProgress;
import io.polyseme.train.TrainingRun;
import io.polyseme.train.TrainingStart;
import io.polyseme.train.Vocabularies;
import io.polyseme.train.WordSpaces;
import io.polyseme.train.WordVectorTrainer;
import io.polyseme.words.ExportOptions;
import io.polyseme.words.FastTextFile;
import io.polyseme.words.VectorFormat;
import io.polyseme.words.WordFiles;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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
      "  polyseme train --in cut.txt --tokenised --out law       (a name in the cache)",
      "  polyseme train --in more.txt --continue model.bin --out model2.bin",
      "  polyseme train --in corpus.txt --out mine.words --evaluate questions.txt --neighbours bank"
    })
final class TrainCommand extends TrainAsked {

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
      names = "--to",
      paramLabel = "FORMAT",
      description =
          "polyseme, word2vec-text, word2vec-binary, glove or fasttext (default: by the name of"
              + " --out; with --subwords or --continue .bin is fastText's).")
  @Nullable String to;

  @Option(
      names = "--start",
      paramLabel = "SPACE",
      description =
          "Begin with the vectors of a word space, of as many dimensions, instead of random ones.")
  @Nullable String start;

  @Option(
      names = "--continue",
      paramLabel = "MODEL",
      description =
          "Train a model of fastText's (.bin) further, with its words, n-grams and outputs; new"
              + " words are added. What is not asked for is as the model has it.")
  @Nullable Path further;

  @Option(
      names = "--freeze",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = "",
      description =
          "Keep the vectors that --start or --continue gave: of the words in FILE, one a line, or"
              + " of all, so that new words find their places among them.")
  @Nullable String freeze;

  @Option(
      names = "--evaluate",
      paramLabel = "FILE",
      description =
          "Score the vectors after each epoch by analogies (a b c d, sections begin with a colon)"
              + " or rated pairs of words. May be given again.")
  List<Path> evaluate = new ArrayList<>();

  @Option(
      names = "--neighbours",
      paramLabel = "WORD",
      split = ",",
      description = "Show the nearest of these words after each epoch: bank,river.")
  List<String> neighbours = new ArrayList<>();

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
    requireSensible();
    VectorFormat format = format();
    Path target =
        format == VectorFormat.POLYSEME ? spaces().output(out) : Path.of(out).toAbsolutePath();
    requireWritable(target);
    Path work = target.resolveSibling("." + target.getFileName() + ".training");
    Path checkpoint = work.resolve("checkpoint");
    if (restart) {
      Files.deleteIfExists(checkpoint);
    }
    var looks = new TrainLooks(this, evaluate, neighbours, work.resolve("look.words"));
    long began = System.nanoTime();
    try (Bars bars = bars();
        @Nullable WordVectors first =
            start == null ? null : spaces().open(start, bars, terminal.cancel());
        @Nullable FastTextFile before =
            further == null ? null : WordFiles.openFastText(further, bars, terminal.cancel())) {
      TrainingOptions options = options(before == null ? null : before.model());
      TrainingStart begin = start(first, before);
      try (TrainingCorpus corpus =
          TrainingCorpus.read(in, work, options, begin, bars, terminal.cancel())) {
        double reading = seconds(began);
        bars.clear();
        tell(corpus, options, Files.exists(checkpoint));
        var listener = new Told(bars, looks);
        TrainingRun run =
            TrainingRun.DEFAULT
                .withCheckpoint(checkpoint, Duration.ofSeconds(everySeconds))
                .withStart(begin)
                .withListener(listener);
        TrainedVectors vectors = WordVectorTrainer.train(corpus, options, run, terminal.cancel());
        bars.clear();
        write(vectors, format, target, bars);
        bars.clear();
        Files.deleteIfExists(checkpoint);
        show(corpus, vectors, listener.last(), looks, target, reading, seconds(began));
      }
    } catch (PolysemeException e) {
      tellKept(checkpoint);
      throw e;
    } finally {
      removeIfEmpty(work);
    }
  }

  private void requireSensible() {
    if (everySeconds < 1) {
      throw wrongUse("--checkpoint must be at least 1, and is " + everySeconds);
    }
    if (start != null && further != null) {
      throw wrongUse("--start and --continue are one or the other");
    }
    if (freeze != null && start == null && further == null) {
      throw wrongUse("--freeze keeps what --start or --continue gives: give one of them");
    }
  }

  private TrainingStart start(@Nullable WordVectors first, @Nullable FastTextFile before) {
    TrainingStart begin =
        first != null
            ? TrainingStart.of(first)
            : before != null ? TrainingStart.of(before.model()) : TrainingStart.RANDOM;
    if (freeze == null) {
      return begin;
    }
    if (freeze.isEmpty()) {
      return begin.withFrozen(_ -> true);
    }
    var frozen = new HashSet<String>(Vocabularies.file(Path.of(freeze)));
    return begin.withFrozen(frozen::contains);
  }

  /** Shows how it goes, and what it has come to after each epoch. */
  private static final class Told implements TrainingListener {
    private final Bars bars;
    private final TrainLooks looks;
    private TrainingProgress last =
        new TrainingProgress(0, 0, 0, 0, Double.NaN, 0, 0, Duration.ZERO);

    Told(Bars bars, TrainLooks looks) {
      this.bars = bars;
      this.looks = looks;
    }

    TrainingProgress last() {
      return last;
    }

    @Override
    public void update(TrainingProgress progress) {
      last = progress;
      bars.update("training", progress.words(), progress.totalWords(), () -> note(progress));
    }

    @Override
    public boolean waitsForEpochs() {
      return looks.wanted();
    }

    @Override
    public void epochEnded(int epoch, TrainedVectors vectors) {
      looks.look(epoch, last.loss(), vectors, bars);
    }
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
    return format == VectorFormat.WORD2VEC_BINARY && (subwords != null || further != null)
        ? VectorFormat.FASTTEXT
        : format;
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
      TrainingCorpus corpus,
      TrainedVectors vectors,
      TrainingProgress last,
      TrainLooks looks,
      Path target,
      double reading,
      double seconds) {
    double pace = last.totalWords() / seconds;
    if (json) {
      var answers = new Answers("train", in.getFirst().toString()).of("space", out);
      JsonObject result = answers.result();
      result.addProperty("label", out);
      result.addProperty("size", corpus.size());
      result.addProperty("dimension", vectors.dimension());
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
      if (!looks.found().isEmpty()) {
        result.add("looks", looks.found());
      }
      print(answers.warn(warnings(corpus.report())).toString());
      return;
    }
    print(
        String.format(
            Locale.ROOT,
            "%,d words of %d dimensions in %s: %.1f s, %,.0f words/s (%.1f s of it reading,"
                + " training at %,.0f words/s), loss %.3f",
            corpus.size(),
            vectors.dimension(),
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
