package io.polyseme.train.transformer;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.encoder.PieceTokenizer;
import io.polyseme.encoder.graph.BertShape;
import io.polyseme.model.ModelCard;
import io.polyseme.model.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Trains a Transformer encoder from raw text and nothing else: a vocabulary of word pieces is
 * learned, then the network by predicting words. All that it does before its end is kept in a
 * folder, from which the same call goes on after a kill.
 *
 * <p>One training at a time in a process: PyTorch's threads and random numbers are the process's.
 * On Linux the process keeps native memory that is freed from then on.
 */
public final class EncoderTrainer {
  /** How often text held out is measured in a training, at most. */
  private static final int MEASUREMENTS = 20;

  /**
   * Tokens that are trained with between two measurements at least: a measurement is some 18,000.
   */
  private static final double BETWEEN = 400_000;

  /** Predicted words of text held out, at each measurement. */
  private static final int MEASURED_WORDS = 8_000;

  /** Of the text, for the embeddings that the network begins with. */
  private static final int FIRST_PASSES = 2;

  /** The file in the folder in which all is saved. */
  public static final String CHECKPOINT = "checkpoint";

  private final List<Path> from;
  private final CorpusOptions read;
  private final PretrainOptions options;
  private final Path folder;
  private final Duration interval;

  /**
   * What came of it.
   *
   * @param encoder with the weights that were best on text held out
   * @param seconds of all steps and measurements, earlier runs' with them
   * @param steps that were done
   */
  public record Result(
      TrainedEncoder encoder, PretrainPlan plan, Curve curve, double seconds, int steps) {
    /** The share of the speed of matrix products alone that the training reached. */
    public double efficiency() {
      return plan.stepOperations() * steps / seconds / plan.matrixSpeed();
    }
  }

  /**
   * @param from files and folders of text
   * @param read how they are read
   * @param folder for what is kept until the end; made where it is not there
   * @param interval how long at most is trained without all being saved
   */
  public EncoderTrainer(
      List<Path> from,
      CorpusOptions read,
      PretrainOptions options,
      Path folder,
      Duration interval) {
    this.from = List.copyOf(from);
    this.read = read;
    this.options = options;
    this.folder = folder;
    this.interval = interval;
  }

  /**
   * Trains.
   *
   * @param planned told what the training is going to be, before its first step
   * @throws PolysemeException if there is no text or too little, PyTorch cannot be loaded, what is
   *     in the folder is of another training, the numbers grow beyond all bounds, or the disk is
   *     full
   * @throws io.polyseme.CancelledException if cancelled, once all is saved
   */
  public Result train(
      Consumer<PretrainPlan> planned, PretrainListener listener, Progress progress, Cancel cancel) {
    var raw = new RawText(from, read); // first: what is not there is told before anything is made
    Engine engine = Pytorch.open(options.threads());
    make(folder);
    PreparedText text = prepared(raw, progress, cancel);
    try (PieceTokenizer tokenizer = PieceTokenizer.open(text.tokenizer());
        TokenFile learned = text.learned();
        TokenFile held = text.heldOut();
        NDManager manager = engine.newBaseManager()) {
      BertShape shape =
          options
              .size()
              .shape(tokenizer.size(), options.length(), options.task() == WordTask.CAUSAL);
      String signature = options + text.facts().signature();
      TrainingState state = TrainingState.read(folder.resolve(CHECKPOINT), signature);
      Map<String, float[]> weights = Network.random(shape, true, options.seed());
      if (state == null) {
        FirstAttention.set(shape, options.seed(), weights);
        FirstEmbeddings.train(
            learned,
            tokenizer,
            folder,
            weights.get(Network.WORDS),
            shape.dimension(),
            FIRST_PASSES,
            options.seed(),
            progress,
            cancel);
      }
      var network = new Network(shape, weights, Network.Part.ALL, options.seed(), manager);
      WordObjective objective = objective(tokenizer, learned);
      var measure =
          new WordMeasure(
              objective,
              sequences(tokenizer, held),
              options.batch(),
              (int) Math.max(1, MEASURED_WORDS / predictedWords()));
      var training = new Training(engine, network, objective, measure, plan(signature), manager);
      double perStep = training.secondsPerStep();
      int steps =
          state == null ? steps(objective.tokensPerStep(), learned.size(), perStep) : state.steps();
      PretrainPlan plan =
          plan(text.facts(), network, objective, measure, learned, steps, perStep, state, manager);
      planned.accept(plan);
      Training.Outcome outcome = training.run(state, steps, listener, cancel);
      var card = new ModelCard("", "", "", "", Pooling.MEAN, true, options.length(), "", "");
      var encoder =
          new TrainedEncoder(
              shape,
              outcome.weights(),
              text.tokenizer(),
              card,
              tokenizer.paddingId().orElse(0),
              about(raw, shape, plan, outcome));
      return new Result(encoder, plan, outcome.curve(), outcome.seconds(), outcome.steps());
    }
  }

  /** Removes what is kept of trainings in the folder, and the folder where nothing is left. */
  public static void discard(Path folder) {
    try {
      if (Files.isDirectory(folder)) {
        PreparedText.remove(folder);
        Files.deleteIfExists(folder.resolve(CHECKPOINT));
        try (var left = Files.list(folder)) {
          if (left.findAny().isEmpty()) {
            Files.delete(folder);
          }
        }
      }
    } catch (IOException e) {
      throw new PolysemeException("cannot remove what is in " + folder + ": " + e, e);
    }
  }

  static void make(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new PolysemeException("cannot make the folder " + folder + ": " + e, e);
    }
  }

  /** Leaves nothing where the text cannot be learned from, but a checkpoint of another. */
  private PreparedText prepared(RawText raw, Progress progress, Cancel cancel) {
    try {
      PreparedText text = PreparedText.learned(raw, folder, options, progress, cancel);
      requireEnough(text.facts());
      return text;
    } catch (CancelledException e) {
      throw e;
    } catch (PolysemeException e) {
      if (!Files.exists(folder.resolve(CHECKPOINT))) {
        try {
          discard(folder);
        } catch (PolysemeException left) {
          e.addSuppressed(left);
        }
      }
      throw e;
    }
  }

  private void requireEnough(PreparedText.Facts facts) {
    int room = options.length() - 2;
    if (facts.heldOut() < room || facts.learned() < 2L * room) {
      boolean same = facts.learned() > 20L * room || facts.heldOut() > 20L * room;
      throw new PolysemeException(
          same
              ? "the text cannot be divided into what is learned from (%,d tokens) and what is held out (%,d): is it the same line again and again?"
                  .formatted(facts.learned(), facts.heldOut())
              : "there is too little text: %,d tokens are learned from and %,d held out, and a sequence alone has %d: give more text, or a smaller --length%s"
                  .formatted(facts.learned(), facts.heldOut(), room, facts.leftOut().atTheEnd()));
    }
  }

  private Sequences sequences(PieceTokenizer tokenizer, TokenFile file) {
    return new Sequences(
        file, options.length(), tokenizer.opening(), tokenizer.closing(), options.seed());
  }

  private WordObjective objective(PieceTokenizer tokenizer, TokenFile learned) {
    int mask = tokenizer.maskId().orElseThrow(); // the last of the special tokens
    return new WordObjective(
        sequences(tokenizer, learned),
        new WordObjective.Options(
            options.task() == WordTask.CAUSAL,
            options.batch(),
            options.masked(),
            mask,
            mask + 1,
            tokenizer.size(),
            (float) options.dropout(),
            options.seed()));
  }

  private double predictedWords() {
    return (options.length() - 2) * (options.task() == WordTask.CAUSAL ? 1 : options.masked());
  }

  private Training.Plan plan(String signature) {
    return new Training.Plan(
        signature,
        options.rate(),
        options.warmUp(),
        options.weightDecay(),
        options.clip(),
        BETWEEN,
        MEASUREMENTS,
        options.patience(),
        options.seed(),
        folder.resolve(CHECKPOINT),
        interval);
  }

  private int steps(int stepTokens, long tokens, double perStep) {
    double steps =
        options.steps() > 0
            ? options.steps()
            : options.minutes() > 0
                ? options.minutes() * 60 / perStep
                : options.epochs() * tokens / stepTokens;
    return Math.clamp(Math.round(steps), 1, 100_000_000);
  }

  private PretrainPlan plan(
      PreparedText.Facts facts,
      Network network,
      WordObjective objective,
      WordMeasure measure,
      TokenFile learned,
      int steps,
      double perStep,
      @Nullable TrainingState state,
      NDManager manager) {
    BertShape shape = network.shape();
    long weights = network.size();
    // Weights, gradients, two moments; what a step keeps for its way back.
    double kept =
        (double) objective.tokensPerStep()
            * (shape.layers()
                    * (12.0 * shape.dimension()
                        + 2.0 * shape.inner()
                        + 3.0 * shape.heads() * options.length())
                + 3.0 * predictedWords() / options.length() * shape.vocabulary());
    return new PretrainPlan(
        facts.texts(),
        facts.leftOut(),
        facts.learned(),
        facts.heldOut(),
        (double) facts.unknown() / Math.max(1, facts.learned() + facts.heldOut()),
        facts.pieces(),
        weights,
        (long) (4 * (4.0 * weights + kept)),
        steps,
        state == null ? 0 : state.done(),
        objective.tokensPerStep(),
        perStep,
        objective.operationsPerStep(network),
        MatrixProbe.operationsPerSecond(manager, shape.dimension()),
        measure.floor(learned, shape.vocabulary()));
  }

  private String about(RawText raw, BertShape shape, PretrainPlan plan, Training.Outcome outcome) {
    Curve.Point best = outcome.curve().best();
    return String.format(
        Locale.ROOT,
        """
        A Transformer encoder of %d layers of %d dimensions and %d heads (%,d weights), trained by Polyseme from raw
        text: %s, %,d tokens of %,d pieces%s.

        - How: %s words; %,d of %,d steps of %,d tokens (%.1f passes) in %.0f minutes; AdamW, rate %s, seed %d.
        - Result on text held out: perplexity %.1f, %.1f %% of words right (by frequency alone %.1f and %.1f %%).
        - Sentence vectors are the mean of the last layer; it was not trained for them.
        """,
        shape.layers(),
        shape.dimension(),
        shape.heads(),
        plan.weights(),
        raw.names(),
        plan.tokens(),
        plan.pieces(),
        options.lowerCase() ? ", lower-case" : "",
        options.task() == WordTask.CAUSAL ? "the next" : "masked",
        outcome.steps(),
        plan.steps(),
        plan.stepTokens(),
        (double) outcome.steps() * plan.stepTokens() / plan.tokens(),
        outcome.seconds() / 60,
        options.rate(),
        options.seed(),
        best.heldOut().perplexity(),
        100 * best.heldOut().accuracy(),
        plan.floor().perplexity(),
        100 * plan.floor().accuracy());
  }
}
