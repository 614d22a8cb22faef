package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.encoder.Encoder;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelTarget;
import io.polyseme.predict.HeadOptions;
import io.polyseme.predict.HeadScores;
import io.polyseme.predict.HeadTrainer;
import io.polyseme.predict.TrainedHead;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "train-head",
    description = {
      "Learn to predict masked words with an encoder that stays as it is, from raw text. The encoder"
          + " and what was learned become a model of their own, which predict asks.",
      "Some tokens of the text are masked, all by the mask token, and a small head learns to bring"
          + " the hidden state of a layer at each near the model's own embedding of the word that stood"
          + " there. Texts chosen by their hash are held out: after each pass it is said how many"
          + " of their masked words are right, beside what the frequency of words alone gets.",
      "A tuned lens is learned with it, by which predict --layer reads inner layers."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme train-head all-minilm-l6-v2 --in articles.txt.gz",
      "  polyseme train-head bge-small-zh-v1.5 --in news.txt --tokens 500000 --out ./zh-head",
      "  polyseme predict \"The capital of France is [MASK].\" --model all-minilm-l6-v2-head"
    })
final class TrainHeadCommand extends Command {
  @Parameters(paramLabel = "MODEL", description = "A float32 model's name or folder.")
  String name = "";

  @Option(
      names = "--in",
      required = true,
      paramLabel = "FILE",
      description =
          "Raw text: a text a line, JSON lines or columns, by the file's name; may be packed with"
              + " gzip.")
  Path in = Path.of("");

  @Mixin final TextsRead read = new TextsRead();

  @Option(
      names = "--out",
      paramLabel = "NAME_OR_FOLDER",
      description =
          "The model's name in the cache, or a path, as ./NAME (default: the model's name with"
              + " -head).")
  @Nullable String out;

  @Option(names = "--overwrite", description = "Replace a model that is there already.")
  boolean overwrite;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "How many tokens of the text are read at most (default: ${DEFAULT-VALUE}).")
  long tokens = HeadOptions.DEFAULT.tokens();

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "How often they are gone through (default: ${DEFAULT-VALUE}).")
  int epochs = HeadOptions.DEFAULT.epochs();

  @Option(
      names = "--masked",
      paramLabel = "SHARE",
      description = "The share of tokens that are masked (default: ${DEFAULT-VALUE}).")
  double masked = HeadOptions.DEFAULT.masked();

  @Option(
      names = "--held-out",
      paramLabel = "SHARE",
      description = "The share of texts that are measured with (default: ${DEFAULT-VALUE}).")
  double heldOut = HeadOptions.DEFAULT.heldOut();

  @Option(
      names = "--samples",
      paramLabel = "N",
      description =
          "How many words the right one is held against in a step (default: ${DEFAULT-VALUE}).")
  int samples = HeadOptions.DEFAULT.samples();

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      description = "The highest learning rate (default: ${DEFAULT-VALUE}).")
  double rate = HeadOptions.DEFAULT.rate();

  @Option(
      names = "--layer",
      paramLabel = "N",
      description = "The layer whose hidden states are read (default: the best is found).")
  int layer = HeadOptions.DEFAULT.layer();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "How many masked words make one step (default: ${DEFAULT-VALUE}).")
  int batch = HeadOptions.DEFAULT.batch();

  @Option(names = "--no-lens", description = "Learn no tuned lens.")
  boolean noLens;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of what is random (default: ${DEFAULT-VALUE}).")
  long seed = HeadOptions.DEFAULT.seed();

  TrainHeadCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    HeadOptions options = options();
    CorpusOptions texts = read.options(this);
    ModelFiles from = model(name);
    ModelTarget target =
        free(out == null ? TrainedHead.target(from) : ModelTarget.of(out), overwrite);
    long start = System.nanoTime();
    try (Bars bars = bars();
        CorpusReader reader = CorpusReader.open(in, texts);
        Encoder encoder = Encoder.open(from, encoderOptions())) {
      var lines = new Readable(reader);
      TrainedHead head =
          new HeadTrainer(encoder, options)
              .train(lines, epoch -> say(epoch, bars), bars, terminal.cancel());
      ModelFiles made = head.save(from, models(), target, bars, terminal.cancel());
      bars.clear();
      show(from, made, head.summary(), (System.nanoTime() - start) / 1e9, warnings(lines, head));
    }
  }

  private HeadOptions options() {
    encoderOptions();
    try {
      return HeadOptions.DEFAULT
          .withTokens(tokens)
          .withEpochs(epochs)
          .withMasked(masked)
          .withHeldOut(heldOut)
          .withSamples(samples)
          .withRate(rate)
          .withLens(!noLens)
          .withLayer(layer)
          .withBatch(batch)
          .withSeed(seed)
          .withThreads(threads);
    } catch (IllegalArgumentException e) {
      throw wrongUse(String.valueOf(e.getMessage()));
    }
  }

  /** The texts that can be read; the others are counted. */
  private static final class Readable implements Iterator<String> {
    private final CorpusReader reader;
    private long unreadable;
    private String firstProblem = "";

    Readable(CorpusReader reader) {
      this.reader = reader;
    }

    @Override
    public boolean hasNext() {
      while (reader.hasNext()) {
        CorpusText text = reader.peek();
        if (text.readable()) {
          return true;
        }
        if (unreadable++ == 0) {
          firstProblem = "line %d: %s".formatted(text.line(), text.problem());
        }
        reader.next();
      }
      return false;
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return reader.next().text();
    }
  }

  private static List<String> warnings(Readable lines, TrainedHead head) {
    var warnings = new ArrayList<String>();
    if (lines.unreadable > 0) {
      warnings.add(
          "%d texts could not be read and were left out (%s)"
              .formatted(lines.unreadable, lines.firstProblem));
    }
    TrainedHead.Summary summary = head.summary();
    if (summary.tooShort() > 0) {
      warnings.add(
          "%d texts were left out: they have fewer than 8 tokens".formatted(summary.tooShort()));
    }
    if (summary.heldOut().crossEntropy() >= summary.floor().crossEntropy()) {
      warnings.add(
          "the head is no better than the frequency of words: give it more text, or more epochs");
    }
    return warnings;
  }

  private void say(HeadTrainer.Epoch epoch, Bars bars) {
    if (quiet) {
      return;
    }
    bars.clear();
    terminal
        .err()
        .println(
            "pass %d of %d: %s (by frequency %s)"
                .formatted(
                    epoch.epoch(), epochs, described(epoch.heldOut()), described(epoch.floor())));
  }

  private static String described(HeadScores scores) {
    return String.format(
        Locale.ROOT,
        "%.1f %% right, %.1f %% among ten, perplexity %.1f",
        100 * scores.top1(),
        100 * scores.top10(),
        scores.perplexity());
  }

  private void show(
      ModelFiles from,
      ModelFiles made,
      TrainedHead.Summary summary,
      double seconds,
      List<String> warnings) {
    if (json) {
      var answers = new Answers("train-head", name).of("model", made.card().name()).warn(warnings);
      JsonObject result = answers.result();
      ModelsCommand.describe(result, made.card());
      result.addProperty("from", from.card().name());
      result.addProperty("fingerprint", made.fingerprint());
      result.addProperty("folder", made.folder().toString());
      result.addProperty("layer", summary.layer());
      result.addProperty("tokens", summary.tokens());
      result.addProperty("words", summary.words());
      result.addProperty("seconds", seconds);
      result.add("heldOut", scores(summary.heldOut()));
      result.add("byFrequency", scores(summary.floor()));
      print(answers.toString());
      return;
    }
    warn(warnings);
    print(made.card().name() + " is in " + made.folder());
    print(
        String.format(
            Locale.ROOT,
            "layer %d; %,d tokens, %,d masked words learned from, %,d held out, %.0f seconds",
            summary.layer(),
            summary.tokens(),
            summary.words(),
            summary.heldOut().words(),
            seconds));
    print("");
    var table = new Table();
    table.row("on texts held out", "the head", "frequency alone");
    row(table, "right", summary.heldOut().top1(), summary.floor().top1());
    row(table, "among the first ten", summary.heldOut().top10(), summary.floor().top10());
    row(table, "cross entropy", summary.heldOut().crossEntropy(), summary.floor().crossEntropy());
    row(table, "perplexity", summary.heldOut().perplexity(), summary.floor().perplexity());
    print(table.lines());
  }

  private static void row(Table table, String name, double head, double floor) {
    table.row(name, number(head), number(floor));
  }

  private static JsonObject scores(HeadScores scores) {
    var json = new JsonObject();
    json.addProperty("words", scores.words());
    json.addProperty("top1", scores.top1());
    json.addProperty("top10", scores.top10());
    json.addProperty("crossEntropy", scores.crossEntropy());
    json.addProperty("perplexity", scores.perplexity());
    return json;
  }
}
