package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.evaluate.ModelTests;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelTarget;
import io.polyseme.train.transformer.AdaptOptions;
import io.polyseme.train.transformer.AdaptPlan;
import io.polyseme.train.transformer.EncoderAdapter;
import io.polyseme.train.transformer.EncoderTrainer;
import io.polyseme.train.transformer.PretrainListener;
import io.polyseme.train.transformer.PretrainProgress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "adapt",
    description = {
      "Train an encoder that is there further, on your own raw text without labels, so that it tells"
          + " senses apart better: a word in a sentence is to be nearer to itself in another of the"
          + " same passage, where it mostly means the same, than to other words, and to the same word"
          + " elsewhere. Its sentence vectors are held near to what they were.",
      "What comes out is a model of its own. With --data both are scored by public test sets, as by"
          + " models quantise."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme adapt bge-small-en-v1.5 --in articles.txt.gz --out bge-law",
      "  polyseme adapt bge-small-zh-v1.5 --in news.txt --out ./zh --minutes 30 --data test-sets",
      "  polyseme adapt all-minilm-l6-v2 --in texts/ --out mini --last-layers 3 --sentences 0.5",
      "  polyseme evaluate wic WiC_dataset --model bge-law"
    })
final class AdaptCommand extends EncoderTrainingAsked {
  private static final AdaptOptions DEFAULT = AdaptOptions.DEFAULT;

  @Parameters(paramLabel = "MODEL", description = "A float32 BERT encoder: its name or folder.")
  String name = "";

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Public test sets, by which both models are scored afterwards.")
  @Nullable Path data;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "About how long it may train (default: ${DEFAULT-VALUE}).")
  double minutes = DEFAULT.minutes();

  @Option(names = "--steps", paramLabel = "N", description = "How many steps, instead.")
  int steps = DEFAULT.steps();

  @Option(
      names = "--words",
      paramLabel = "X",
      description = "The weight of words in context (default: ${DEFAULT-VALUE}).")
  double words = DEFAULT.words();

  @Option(
      names = "--sentences",
      paramLabel = "X",
      description = "The weight of contrast between sentences, SimCSE (default: ${DEFAULT-VALUE}).")
  double sentences = DEFAULT.sentences();

  @Option(
      names = "--masked",
      paramLabel = "X",
      description =
          "The weight of predicting masked words, by a head that the model gets (default:"
              + " ${DEFAULT-VALUE}).")
  double masked = DEFAULT.masked();

  @Option(
      names = "--keep",
      paramLabel = "X",
      description =
          "The weight of staying near the sentence vectors as they were (default:"
              + " ${DEFAULT-VALUE}).")
  double keep = DEFAULT.keep();

  @Option(
      names = "--last-layers",
      paramLabel = "N",
      description = "Train only so many of the last layers (default: all).")
  int lastLayers = DEFAULT.lastLayers();

  @Option(
      names = "--rank",
      paramLabel = "N",
      description =
          "Train matrices of this rank in attention instead of the weights, LoRA (default: the"
              + " weights).")
  int rank = DEFAULT.rank();

  @Option(
      names = "--layers",
      paramLabel = "LAYERS",
      description =
          "A word's vector is the mean of these, as 4-10 or last4 (default: the middle ones, from"
              + " a third of them up to the last sixth).")
  @Nullable String layers;

  @Option(
      names = "--length",
      paramLabel = "N",
      description = "Tokens around a word at most (default: ${DEFAULT-VALUE}).")
  int length = DEFAULT.length();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Words in context of a step (default: ${DEFAULT-VALUE}).")
  int batch = DEFAULT.batch();

  @Option(
      names = "--contexts",
      paramLabel = "N",
      description =
          "From how many sentences each word of a batch is drawn (default: ${DEFAULT-VALUE}).")
  int contexts = DEFAULT.contexts();

  @Option(
      names = "--discourse",
      paramLabel = "SHARE",
      description =
          "How often a word is seen the second time in another sentence of the same passage, where"
              + " it mostly has the same sense, not in the same one (default: ${DEFAULT-VALUE}); 0 for"
              + " files whose lines do not go on with each other.")
  double discourse = DEFAULT.discourse();

  @Option(
      names = {"--learning-rate", "--rate"},
      paramLabel = "X",
      description = "The highest (default: ${DEFAULT-VALUE}; ten times that with --rank).")
  @Nullable Double rate;

  @Option(
      names = "--dropout",
      paramLabel = "SHARE",
      description = "Of numbers that are set to 0 (default: ${DEFAULT-VALUE}).")
  double dropout = DEFAULT.dropout();

  @Option(
      names = "--hidden",
      paramLabel = "SHARE",
      description = "Of the tokens around a word that are masked (default: ${DEFAULT-VALUE}).")
  double hidden = DEFAULT.hidden();

  @Option(
      names = "--temperature",
      paramLabel = "X",
      description = "Of the contrast (default: ${DEFAULT-VALUE}).")
  double temperature = DEFAULT.temperature();

  @Option(
      names = "--texts",
      paramLabel = "N",
      description = "Sentences to draw from at most (default: ${DEFAULT-VALUE}).")
  int texts = DEFAULT.texts();

  AdaptCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    AdaptOptions options = options();
    Duration interval = interval();
    CorpusOptions how = texts();
    ModelFiles from = model(name);
    ModelTests tests = data == null ? null : ModelTests.in(data, from.card().language());
    ModelTarget target = target();
    Path folder = models().workFolder(target);
    if (restart) {
      EncoderTrainer.discard(folder);
    }
    try (Bars bars = bars()) {
      var adapter = new EncoderAdapter(from, in, how, options, folder, interval);
      EncoderAdapter.Result result =
          adapter.adapt(
              plan -> {
                begun = true;
                bars.clear();
                tell(plan);
              },
              new Told(bars),
              bars,
              terminal.cancel());
      ModelFiles made = result.encoder().save(models(), target, bars, terminal.cancel());
      EncoderTrainer.discard(folder);
      bars.clear();
      ModelTests.Figures figures = tests == null ? null : tested(tests, from, made, bars);
      show(result, made, figures);
    } catch (PolysemeException e) {
      tellKeptIfBegun(folder);
      throw e;
    }
  }

  private ModelTests.Figures tested(ModelTests tests, ModelFiles from, ModelFiles made, Bars bars) {
    try (Encoder before = Encoder.open(from, encoderOptions());
        Encoder after = Encoder.open(made, encoderOptions())) {
      return tests.compare(before, after, bars, terminal.cancel());
    } finally {
      bars.clear();
    }
  }

  private AdaptOptions options() {
    try {
      return AdaptOptions.builder()
          .words(words)
          .sentences(sentences)
          .masked(masked)
          .keep(keep)
          .lastLayers(lastLayers)
          .rank(rank)
          .layers(layers == null ? null : Layers.parse(layers))
          .length(length)
          .batch(batch)
          .contexts(contexts)
          .discourse(discourse)
          .steps(steps)
          .minutes(minutes)
          .learningRate(rate != null ? rate : DEFAULT.learningRate() * (rank > 0 ? 10 : 1))
          .dropout(dropout)
          .hidden(hidden)
          .temperature(temperature)
          .texts(texts)
          .seed(seed)
          .threads(threads)
          .build();
    } catch (IllegalArgumentException e) {
      throw wrongUse(String.valueOf(e.getMessage()));
    }
  }

  /** Shows how it goes, and a line at each tenth. */
  private final class Told implements PretrainListener {
    private final Bars bars;

    Told(Bars bars) {
      this.bars = bars;
    }

    @Override
    public void update(PretrainProgress at) {
      bars.update(
          "adapting",
          at.step(),
          at.steps(),
          () -> String.format(Locale.ROOT, "loss %.3f", at.loss()));
      if (!quiet && !json && at.step() * 10L / at.steps() > (at.step() - 1) * 10L / at.steps()) {
        bars.clear();
        terminal
            .err()
            .println(
                String.format(
                    Locale.ROOT, "step %,6d of %,d  loss %.3f", at.step(), at.steps(), at.loss()));
      }
    }
  }

  private static List<String> warnings(AdaptPlan plan) {
    return leftOut(plan.leftOut());
  }

  private void tell(AdaptPlan plan) {
    warn(warnings(plan));
    if (quiet || json) {
      return;
    }
    terminal
        .err()
        .println(
            String.format(
                Locale.ROOT,
                "%,d sentences, %,d to draw from, %,d words; %,d of %,d weights are trained",
                plan.sentences(),
                plan.drawnFrom(),
                plan.words(),
                plan.trained(),
                plan.weights()));
    terminal
        .err()
        .println(
            String.format(
                Locale.ROOT,
                "%,d steps, about %.0f minutes%s",
                plan.steps(),
                plan.secondsLeft() / 60,
                plan.done() > 0
                    ? String.format(Locale.ROOT, " more (goes on after %,d)", plan.done())
                    : ""));
  }

  private void show(
      EncoderAdapter.Result result, ModelFiles made, ModelTests.@Nullable Figures figures) {
    if (json) {
      var answers = new Answers("adapt", name).of("model", out);
      JsonObject json = answers.result();
      json.addProperty("label", out);
      json.addProperty("steps", result.steps());
      json.addProperty("seconds", result.seconds());
      json.addProperty("weights", result.plan().weights());
      json.addProperty("trained", result.plan().trained());
      json.addProperty("sentences", result.plan().sentences());
      json.addProperty("folder", made.folder().toString());
      if (figures != null) {
        var tests = new JsonArray();
        figures.figures().forEach(figure -> tests.add(QuantiseCommand.described(figure)));
        json.add("tests", tests);
      }
      print(answers.warn(warnings(result.plan())).toString());
      return;
    }
    print(
        String.format(
            Locale.ROOT,
            "%s: %,d steps in %.1f minutes, in %s",
            out,
            result.steps(),
            result.seconds() / 60,
            made.folder()));
    if (figures != null) {
      var table = new Table();
      table.row("", name, out);
      QuantiseCommand.addTo(table, figures);
      print(table.lines());
      warn(figures.warnings());
    }
  }
}
