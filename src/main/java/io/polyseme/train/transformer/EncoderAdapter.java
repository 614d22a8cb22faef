package io.polyseme.train.transformer;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.encoder.PieceTokenizer;
import io.polyseme.encoder.graph.BertReader;
import io.polyseme.encoder.graph.BertShape;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.Pooling;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Trains an encoder that is there further, on raw text without labels, so that it tells the words
 * of that text apart better by their contexts. The encoder is any BERT as a float32 ONNX model; its
 * embeddings of words and places stay as they are unless masked words are predicted.
 *
 * <p>One training at a time in a process: PyTorch's threads and random numbers are the process's.
 * On Linux the process keeps native memory that is freed from then on.
 */
public final class EncoderAdapter {
  private final ModelFiles model;
  private final List<Path> from;
  private final CorpusOptions read;
  private final AdaptOptions options;
  private final Path folder;
  private final Duration interval;

  /**
   * What came of it.
   *
   * @param steps that were done
   * @param seconds of all steps
   */
  public record Result(TrainedEncoder encoder, AdaptPlan plan, int steps, double seconds) {}

  /**
   * @param from files and folders of text
   * @param folder for what is kept until the end; made where it is not there
   * @param interval how long at most is trained without all being saved
   */
  public EncoderAdapter(
      ModelFiles model,
      List<Path> from,
      CorpusOptions read,
      AdaptOptions options,
      Path folder,
      Duration interval) {
    this.model = model;
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
   * @throws PolysemeException if there is too little text, the model is not understood or its files
   *     do not go together, PyTorch cannot be loaded, the numbers grow beyond all bounds, or the
   *     disk is full
   * @throws io.polyseme.CancelledException if cancelled, once all is saved
   */
  public Result adapt(
      Consumer<AdaptPlan> planned, PretrainListener listener, Progress progress, Cancel cancel) {
    var raw = new RawText(from, read); // first: what is not there is told before anything is made
    BertReader reader = BertReader.read(model.onnx());
    BertShape shape = reader.shape();
    if (options.lastLayers() > shape.layers()) {
      throw new PolysemeException(
          "there are no %d layers: %s has %d"
              .formatted(options.lastLayers(), model.card().name(), shape.layers()));
    }
    requireReached(shape.layers());
    if (options.length() > model.card().window()) {
      throw new PolysemeException(
          "the model takes %d tokens at once: give a --length of at most %d"
              .formatted(model.card().window(), model.card().window()));
    }
    Engine engine = Pytorch.open(options.threads());
    try (PieceTokenizer tokenizer = PieceTokenizer.open(model.tokenizer());
        NDManager manager = engine.newBaseManager()) {
      if (tokenizer.size() > shape.vocabulary()) {
        throw new PolysemeException(
            "the tokenizer of %s has %,d pieces and its embeddings are of %,d: they do not belong together"
                .formatted(model.card().name(), tokenizer.size(), shape.vocabulary()));
      }
      ContextTexts texts = ContextTexts.read(raw, tokenizer, options, progress, cancel);
      EncoderTrainer.make(folder);
      Map<String, float[]> given = reader.weights();
      if (options.masked() > 0) {
        given = Network.withHead(shape, given, options.seed());
      }
      var part =
          new Network.Part(options.masked() > 0, firstTrained(shape.layers()), options.rank());
      var network = new Network(shape, given, part, options.seed(), manager);
      var before = new Network(shape, reader.weights(), Network.Part.NONE, 0, manager);
      Pooling pooling = model.card().pooling() == null ? Pooling.MEAN : model.card().pooling();
      ContrastObjective.Special special = special(tokenizer);
      var objective = new ContrastObjective(texts, options, special, pooling, before);
      String signature = raw.signature(model.fingerprint() + options);
      var training = new Training(engine, network, objective, null, plan(signature), manager);
      TrainingState state =
          TrainingState.read(folder.resolve(EncoderTrainer.CHECKPOINT), signature);
      double perStep = training.secondsPerStep();
      int steps =
          state != null
              ? state.steps()
              : options.steps() > 0
                  ? options.steps()
                  : (int) Math.max(1, Math.round(options.minutes() * 60 / perStep));
      long trained = network.trained().values().stream().mapToLong(NDArray::size).sum();
      var plan =
          new AdaptPlan(
              raw.leftOut(),
              texts.read(),
              texts.sentences(),
              texts.words(),
              network.size(),
              trained,
              steps,
              state == null ? 0 : state.done(),
              perStep);
      planned.accept(plan);
      Training.Outcome outcome = training.run(state, steps, listener, cancel);
      var encoder =
          new TrainedEncoder(
              shape,
              outcome.weights(),
              model.tokenizer(),
              model.card(),
              special.padding(),
              about(raw, shape.layers(), outcome));
      return new Result(encoder, plan, outcome.steps(), outcome.seconds());
    }
  }

  /** That the layers of the words' vectors are there, and the last of them changes by training. */
  private void requireReached(int layers) {
    int last;
    try {
      last = Collections.max(options.wordLayers(layers));
    } catch (IllegalArgumentException e) {
      throw new PolysemeException(e.getMessage(), e);
    }
    int first = firstTrained(layers);
    if (options.words() > 0 && last <= first) {
      throw new PolysemeException(
          "the words' vectors are of layers up to %d, and only those after %d are trained: give later --layers, or more --last-layers"
              .formatted(last, first));
    }
  }

  private int firstTrained(int layers) {
    return options.lastLayers() == 0 ? 0 : layers - options.lastLayers();
  }

  private ContrastObjective.Special special(PieceTokenizer tokenizer) {
    return new ContrastObjective.Special(
        tokenizer.opening(),
        tokenizer.closing(),
        model.paddingId().orElse(tokenizer.paddingId().orElse(0)),
        tokenizer.maskId().isPresent() ? tokenizer.maskId().getAsInt() : null);
  }

  private Training.Plan plan(String signature) {
    return new Training.Plan(
        signature,
        options.learningRate(),
        options.warmUp(),
        options.weightDecay(),
        1,
        0,
        1,
        1,
        options.seed(),
        folder.resolve(EncoderTrainer.CHECKPOINT),
        interval);
  }

  private String about(RawText raw, int layers, Training.Outcome outcome) {
    return String.format(
        Locale.ROOT,
        """
        %s, adapted by Polyseme to raw text without labels: %s.

        - How: %,d steps in %.0f minutes of %d words in context, their vectors of layers %s, seen again in the same
          passage with probability %s; weights of the objectives: words %s, sentences %s, masked words %s, staying near
          the sentence vectors as they were %s; %s; rate %s, temperature %s, seed %d.
        - Licence: that of %s%s.
        """,
        model.card().name(),
        raw.names(),
        outcome.steps(),
        outcome.seconds() / 60,
        options.batch(),
        options.wordLayers(layers).stream().map(String::valueOf).collect(Collectors.joining(", ")),
        options.discourse(),
        options.words(),
        options.sentences(),
        options.masked(),
        options.keep(),
        (options.rank() > 0 ? "matrices of rank " + options.rank() + " in " : "")
            + (options.lastLayers() == 0
                ? "all layers"
                : "the last " + options.lastLayers() + " layers"),
        options.learningRate(),
        options.temperature(),
        options.seed(),
        model.card().name(),
        model.card().licence().isEmpty() ? "" : " (" + model.card().licence() + ")");
  }
}
