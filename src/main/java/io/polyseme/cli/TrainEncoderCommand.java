package io.polyseme.cli;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelTarget;
import io.polyseme.train.transformer.Curve;
import io.polyseme.train.transformer.EncoderSize;
import io.polyseme.train.transformer.EncoderTrainer;
import io.polyseme.train.transformer.ExplainedStep;
import io.polyseme.train.transformer.PretrainListener;
import io.polyseme.train.transformer.PretrainOptions;
import io.polyseme.train.transformer.PretrainPlan;
import io.polyseme.train.transformer.PretrainProgress;
import io.polyseme.train.transformer.WordScores;
import io.polyseme.train.transformer.WordTask;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "train-encoder",
    description = {
      "Train a Transformer encoder from raw text and nothing else: word pieces are learned, then a"
          + " network learns to predict words that are masked (BERT) or that follow (GPT). What comes"
          + " out is a model as any other.",
      "What it is going to be, and how long it takes here, is said before the first step. What was"
          + " trained is saved now and then; after a kill the same command goes on with it."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme train-encoder --in corpus.txt.gz --out old-english --minutes 60",
      "  polyseme train-encoder --in texts/ --out ./law --size tiny --epochs 10",
      "  polyseme predict \"The capital of France is [MASK].\" --model old-english",
      "  polyseme train-encoder --explain-step \"the king of [france] died\" --model old-english"
    })
final class TrainEncoderCommand extends EncoderTrainingAsked {
  private static final PretrainOptions DEFAULT = PretrainOptions.DEFAULT;

  /** Of a step that is explained: large enough to be seen. */
  private static final double EXPLAINED_RATE = 1e-3;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      description =
          "tiny (2 layers of 128 dimensions), small (4 of 256) or medium (6 of 384) (default:"
              + " small).")
  String size = "small";

  @Option(
      names = "--objective",
      paramLabel = "OBJECTIVE",
      description =
          "masked (words by all around them) or causal (by those before) (default: masked).")
  String objective = "masked";

  @Option(
      names = "--vocabulary",
      paramLabel = "N",
      description = "Word pieces at most (default: ${DEFAULT-VALUE}).")
  int vocabulary = DEFAULT.vocabulary();

  @Option(names = "--keep-case", description = "Tell upper-case letters from lower-case ones.")
  boolean keepCase;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "About how long it may train; by some steps tried, the number is found.")
  double minutes = DEFAULT.minutes();

  @Option(names = "--steps", paramLabel = "N", description = "How many steps, instead.")
  int steps = DEFAULT.steps();

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "How often the text is gone through, instead (default: ${DEFAULT-VALUE}).")
  double epochs = DEFAULT.epochs();

  @Option(
      names = "--length",
      paramLabel = "N",
      description = "Tokens of a sequence, the window of the model (default: ${DEFAULT-VALUE}).")
  int length = DEFAULT.length();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Sequences of a step (default: ${DEFAULT-VALUE}).")
  int batch = DEFAULT.batch();

  @Option(
      names = {"--learning-rate", "--rate"},
      paramLabel = "X",
      description = "The highest (default: by the size, 0.002, 0.001 or 0.0004).")
  double rate = DEFAULT.learningRate();

  @Option(
      names = "--warm-up",
      paramLabel = "SHARE",
      description = "Of the steps in which the rate grows (default: ${DEFAULT-VALUE}).")
  double warmUp = DEFAULT.warmUp();

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "Of AdamW (default: ${DEFAULT-VALUE}).")
  double weightDecay = DEFAULT.weightDecay();

  @Option(
      names = "--clip",
      paramLabel = "X",
      description = "The longest gradient (default: ${DEFAULT-VALUE}).")
  double clip = DEFAULT.clip();

  @Option(
      names = "--dropout",
      paramLabel = "SHARE",
      description =
          "Of numbers that are set to 0 (default: ${DEFAULT-VALUE}; 0.1 for text that is gone"
              + " through many times).")
  double dropout = DEFAULT.dropout();

  @Option(
      names = "--masked",
      paramLabel = "SHARE",
      description = "Of tokens that are masked (default: ${DEFAULT-VALUE}).")
  double masked = DEFAULT.masked();

  @Option(
      names = "--held-out",
      paramLabel = "SHARE",
      description = "Of texts that are measured with (default: by the size of the text).")
  double heldOut = DEFAULT.heldOut();

  @Option(
      names = "--patience",
      paramLabel = "N",
      description =
          "It ends after so many of 20 measurements without a smaller loss on text held out"
              + " (default: ${DEFAULT-VALUE}).")
  int patience = DEFAULT.patience();

  @Option(
      names = "--explain-step",
      paramLabel = "TEXT",
      description =
          "Take one step on this text and show its numbers; nothing is kept. The word in brackets is"
              + " masked: \"the king of [france] died\". With --model.")
  @Nullable String explained;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "With --explain-step: a model that predicts masked words.")
  @Nullable String model;

  TrainEncoderCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    if (explained != null || model != null) {
      explain();
      return;
    }
    PretrainOptions options = options();
    Duration interval = interval();
    CorpusOptions texts = texts();
    ModelTarget target = target();
    Path folder = models().workFolder(target);
    if (restart) {
      EncoderTrainer.discard(folder);
    }
    try (Bars bars = bars()) {
      EncoderTrainer trainer = new EncoderTrainer(in, texts, options, folder, interval);
      EncoderTrainer.Result result =
          trainer.train(
              plan -> {
                begun = true;
                bars.clear();
                tell(plan);
              },
              new Told(bars),
              bars,
              terminal.cancel());
      ModelFiles made = result.encoder().save(models(), target, bars, terminal.cancel());
      bars.clear();
      EncoderTrainer.discard(folder);
      show(result, made);
    } catch (PolysemeException e) {
      tellKeptIfBegun(folder);
      throw e;
    }
  }

  private void explain() {
    if (explained == null || model == null) {
      throw wrongUse("--explain-step TEXT needs --model MODEL, and the other way round");
    }
    int open = explained.indexOf('[');
    int close = explained.indexOf(']');
    if (open < 0 || close <= open + 1) {
      throw wrongUse("put the word that is to be masked in brackets: the king of [france] died");
    }
    String text =
        explained.substring(0, open)
            + explained.substring(open + 1, close)
            + explained.substring(close + 1);
    ExplainedStep step =
        ExplainedStep.of(
            model(model), text, open, close - 1, rate > 0 ? rate : EXPLAINED_RATE, threads);
    if (json) {
      var answers = new Answers("train-encoder", text).of("model", model);
      answers.result().add("step", new Gson().toJsonTree(step));
      print(answers.toString());
      return;
    }
    print("given      " + String.join(" ", step.pieces()));
    print("stood      " + step.word() + ", at place " + step.place());
    print(
        String.format(
            Locale.ROOT,
            "forward    loss %.4f: minus the logarithm of its probability of %.4f",
            step.lossBefore(),
            Math.exp(-step.lossBefore())));
    print("predicted  " + words(step.before()));
    print("");
    print("backward   the longest gradients, and the largest number in each:");
    print(table(step.gradients()));
    print("           of words' embeddings:");
    print(table(step.rows()));
    print("");
    print(
        String.format(
            Locale.ROOT,
            "moved      %,d weights, against their gradients; loss %.4f, probability %.4f",
            step.weights(),
            step.lossAfter(),
            Math.exp(-step.lossAfter())));
    print("predicted  " + words(step.after()));
  }

  private static String words(List<ExplainedStep.Predicted> words) {
    return words.stream()
        .map(word -> String.format(Locale.ROOT, "%s %.3f", word.word(), word.probability()))
        .collect(Collectors.joining(", "));
  }

  private static List<String> table(List<ExplainedStep.Gradient> gradients) {
    return gradients.stream()
        .map(
            gradient ->
                String.format(
                    Locale.ROOT,
                    "           %10.5f %+10.5f  %s",
                    gradient.length(),
                    gradient.largest(),
                    gradient.name()))
        .toList();
  }

  private PretrainOptions options() {
    try {
      return PretrainOptions.builder()
          .size(option("--size", size, EncoderSize.class))
          .task(option("--objective", objective, WordTask.class))
          .vocabulary(vocabulary)
          .lowerCase(!keepCase)
          .minutes(minutes)
          .steps(steps)
          .epochs(epochs)
          .length(length)
          .batch(batch)
          .learningRate(rate)
          .warmUp(warmUp)
          .weightDecay(weightDecay)
          .clip(clip)
          .dropout(dropout)
          .masked(masked)
          .heldOut(heldOut)
          .patience(patience)
          .seed(seed)
          .threads(threads)
          .build();
    } catch (IllegalArgumentException e) {
      throw wrongUse(String.valueOf(e.getMessage()));
    }
  }

  /** Shows how it goes. */
  private final class Told implements PretrainListener {
    private final Bars bars;

    Told(Bars bars) {
      this.bars = bars;
    }

    @Override
    public void update(PretrainProgress progress) {
      bars.update(
          "training",
          progress.tokens(),
          progress.totalTokens(),
          () ->
              String.format(
                  Locale.ROOT,
                  "%,.0f tokens/s loss %.3f",
                  progress.tokensPerSecond(),
                  progress.loss()));
    }

    @Override
    public void measured(Curve.Point point) {
      if (!quiet && !json) {
        bars.clear();
        terminal.err().println(line(point));
      }
    }
  }

  private static String line(Curve.Point point) {
    return String.format(
        Locale.ROOT,
        "step %,7d  %6.1f M tokens  %5.1f min  loss %.3f  held out: perplexity %8.1f, %4.1f %% right",
        point.step(),
        point.tokens() / 1e6,
        point.seconds() / 60,
        point.loss(),
        point.heldOut().perplexity(),
        100 * point.heldOut().accuracy());
  }

  private void tell(PretrainPlan plan) {
    warn(warnings(plan));
    if (quiet || json) {
      return;
    }
    terminal
        .err()
        .println(
            String.format(
                Locale.ROOT,
                "%,d texts, %,d tokens of %,d pieces, and %,d held out; %,d weights, some %,d MB",
                plan.texts(),
                plan.tokens(),
                plan.pieces(),
                plan.heldOutTokens(),
                plan.weights(),
                Math.max(1, plan.bytes() >> 20)));
    terminal
        .err()
        .println(
            String.format(
                Locale.ROOT,
                "%,d steps of %,d tokens (%.1f passes), about %s%s; by frequency alone %.1f %% right,"
                    + " perplexity %.1f",
                plan.steps(),
                plan.stepTokens(),
                plan.passes(),
                duration(plan.secondsLeft()),
                plan.done() > 0
                    ? String.format(Locale.ROOT, " more (goes on after %,d)", plan.done())
                    : "",
                100 * plan.floor().accuracy(),
                plan.floor().perplexity()));
  }

  private static String duration(double seconds) {
    return seconds < 90
        ? String.format(Locale.ROOT, "%.0f seconds", seconds)
        : seconds < 5400
            ? String.format(Locale.ROOT, "%.0f minutes", seconds / 60)
            : String.format(Locale.ROOT, "%.1f hours", seconds / 3600);
  }

  private static List<String> warnings(PretrainPlan plan) {
    var warnings = new ArrayList<String>(leftOut(plan.leftOut()));
    if (plan.tokens() < plan.weights() / 2) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%,d tokens of text are little for %,d weights: it will learn them by heart; more"
                  + " text, a smaller --size or --vocabulary, or --dropout 0.1 help",
              plan.tokens(),
              plan.weights()));
    }
    if (plan.unknown() > 0.01) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%.1f %% of the tokens have characters that the vocabulary has no room for: give a"
                  + " larger --vocabulary",
              100 * plan.unknown()));
    }
    return warnings;
  }

  private void show(EncoderTrainer.Result result, ModelFiles made) {
    PretrainPlan plan = result.plan();
    Curve.Point best = result.curve().best();
    double pace = (double) result.steps() * plan.stepTokens() / result.seconds();
    if (json) {
      var answers = new Answers("train-encoder", in.getFirst().toString()).of("model", out);
      JsonObject json = answers.result();
      json.addProperty("label", out);
      json.addProperty("texts", plan.texts());
      json.addProperty("tokens", plan.tokens());
      json.addProperty("heldOutTokens", plan.heldOutTokens());
      json.addProperty("pieces", plan.pieces());
      json.addProperty("weights", plan.weights());
      json.addProperty("steps", result.steps());
      json.addProperty("seconds", result.seconds());
      json.addProperty("tokensPerSecond", pace);
      json.addProperty("efficiency", result.efficiency());
      json.add("heldOut", scores(best.heldOut()));
      json.add("floor", scores(plan.floor()));
      var curve = new JsonArray();
      for (Curve.Point point : result.curve().points()) {
        JsonObject one = scores(point.heldOut());
        one.addProperty("step", point.step());
        one.addProperty("tokens", point.tokens());
        one.addProperty("seconds", point.seconds());
        one.addProperty("trainingLoss", point.loss());
        curve.add(one);
      }
      json.add("curve", curve);
      json.addProperty("folder", made.folder().toString());
      print(answers.warn(warnings(plan)).toString());
      return;
    }
    print(
        String.format(
            Locale.ROOT,
            "%s: %,d steps in %s, %,.0f tokens/s (%.0f %% of what matrix products alone reach here)",
            out,
            result.steps(),
            duration(result.seconds()),
            pace,
            100 * result.efficiency()));
    print(
        String.format(
            Locale.ROOT,
            "held out: %.1f %% of %,d words right, perplexity %.1f (by frequency alone %.1f %%, %.1f)",
            100 * best.heldOut().accuracy(),
            best.heldOut().words(),
            best.heldOut().perplexity(),
            100 * plan.floor().accuracy(),
            plan.floor().perplexity()));
    if (best.step() < result.steps()) {
      print(
          String.format(
              Locale.ROOT,
              "the weights are those of step %,d, the best on held-out text",
              best.step()));
    }
  }

  private static JsonObject scores(WordScores scores) {
    var json = new JsonObject();
    json.addProperty("loss", scores.loss());
    json.addProperty("perplexity", scores.perplexity());
    json.addProperty("accuracy", scores.accuracy());
    json.addProperty("words", scores.words());
    return json;
  }
}
