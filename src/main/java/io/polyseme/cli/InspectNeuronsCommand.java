package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.insight.AddedPiece;
import io.polyseme.insight.FiringNeuron;
import io.polyseme.insight.NeuronCurve;
import io.polyseme.insight.NeuronExample;
import io.polyseme.insight.NeuronId;
import io.polyseme.insight.NeuronLayer;
import io.polyseme.insight.NeuronProfile;
import io.polyseme.insight.NeuronProfiling;
import io.polyseme.insight.Neurons;
import io.polyseme.insight.ProfiledNeuron;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "neurons",
    description = {
      "The neurons of the feed-forward layers as memories: what of a corpus excites each, which fire in"
          + " a text, and what they add.",
      "First a profile is made of a corpus (--in, --out), which can be ended and gone on with. It is"
          + " then asked: for a neuron (PROFILE --neuron 3.417), for a text (TEXT --profile"
          + " PROFILE), or for whether early layers match words and later ones kinds (PROFILE"
          + " --curve).",
      "Layers are counted from 1, neurons from 0."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme inspect neurons --in corpus.txt.gz --out corpus.neurons --tokens 1000000",
      "  polyseme inspect neurons corpus.neurons",
      "  polyseme inspect neurons corpus.neurons --neuron 3.417",
      "  polyseme inspect neurons corpus.neurons --curve --html curve.html",
      "  polyseme inspect neurons \"He sat on the bank of the river.\" --profile corpus.neurons"
          + " --word bank"
    })
final class InspectNeuronsCommand extends Command {
  private static final int COLUMNS = 100;
  private static final int PIECES = 8;

  @Parameters(
      arity = "0..1",
      paramLabel = "PROFILE or TEXT",
      description = "A profile to be asked, or with --profile a text.")
  @Nullable String subject;

  @Option(names = "--in", paramLabel = "CORPUS", description = "A file of texts to be profiled.")
  @Nullable Path in;

  @Option(names = "--out", paramLabel = "PROFILE", description = "Where the profile is written.")
  @Nullable Path out;

  @Option(
      names = "--field",
      paramLabel = "NAME",
      description = "Of JSON lines or columns: which is the text (default: ${DEFAULT-VALUE}).")
  String field = CorpusOptions.DEFAULT.textField();

  @Option(
      names = "--texts",
      paramLabel = "N",
      description = "Profile the first N texts (default: all).")
  long texts = Long.MAX_VALUE;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Profile texts until they have N tokens (default: all).")
  long tokens = Long.MAX_VALUE;

  @Option(
      names = "--layer",
      split = ",",
      paramLabel = "L",
      description = "Only neurons of these layers (default: all).")
  List<Integer> layers = List.of();

  @Option(
      names = "--restart",
      description = "Throw away what an earlier run of the same profile has left.")
  boolean restart;

  @Option(
      names = "--top",
      paramLabel = "N",
      description =
          "How many examples are kept of each neuron (default: 20), or how many are shown, or how"
              + " many neurons of a text (default: 10).")
  @Nullable Integer top;

  @Option(
      names = "--neuron",
      split = ",",
      paramLabel = "L.N",
      description = "What excites this neuron, and what it adds: 3.417.")
  List<String> neurons = List.of();

  @Option(
      names = "--curve",
      description = "By layer: how far a neuron's examples share words, and how near they are.")
  boolean curve;

  @Option(
      names = "--sample",
      paramLabel = "N",
      description = "How many neurons of each layer --curve looks at (default: ${DEFAULT-VALUE}).")
  int sample = NeuronCurve.DEFAULT.neurons();

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "How many examples of each (default: ${DEFAULT-VALUE}).")
  int examples = NeuronCurve.DEFAULT.examples();

  @Option(
      names = "--judge",
      paramLabel = "MODEL",
      description =
          "Whose vectors tell how near examples are (default: the profile's model, whose later layers"
              + " have it easier).")
  @Nullable String judge;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of what is drawn at random (default: ${DEFAULT-VALUE}).")
  long seed = NeuronCurve.DEFAULT.seed();

  @Option(names = "--profile", paramLabel = "PROFILE", description = "The profile for a text.")
  @Nullable Path profile;

  @Option(
      names = "--word",
      paramLabel = "W",
      description = "Only what fires at this word of the text.")
  @Nullable String word;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "A model's name or folder (default: the profile's, or by the corpus's script).")
  @Nullable String model;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write a page, which needs no network.")
  @Nullable Path html;

  InspectNeuronsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (top != null && top < 1) {
      throw wrongUse("--top must be at least 1, and is " + top);
    }
    if (in != null || out != null) {
      if (in == null || out == null || subject != null) {
        throw wrongUse("a profile is made by --in CORPUS and --out PROFILE, and nothing is asked");
      }
      make(in, out);
    } else if (profile != null) {
      firing(text(subject, "a text"), NeuronProfile.read(profile));
    } else if (subject == null) {
      throw wrongUse("give a PROFILE to be asked, a TEXT with --profile, or --in and --out");
    } else if (curve) {
      curve(NeuronProfile.read(Path.of(subject)));
    } else if (!neurons.isEmpty()) {
      neurons(NeuronProfile.read(Path.of(subject)));
    } else {
      summary(NeuronProfile.read(Path.of(subject)), "inspect neurons", subject);
    }
  }

  private int top(int otherwise) {
    return top == null ? otherwise : top;
  }

  private void make(Path corpus, Path file) {
    NeuronProfiling asked =
        NeuronProfiling.to(file)
            .withTop(top(20))
            .withLayers(layers)
            .withTexts(texts)
            .withTokens(tokens)
            .withRestart(restart);
    NeuronProfile made;
    long start = System.nanoTime();
    try (CorpusReader reader =
            CorpusReader.open(corpus, CorpusOptions.DEFAULT.withTextField(field));
        Encoder encoder =
            Encoder.open(
                model(model == null ? ModelStore.defaultFor(reader.sample(1000)) : model),
                encoderOptions());
        Bars bars = bars()) {
      made = asked.run(reader, encoder, bars, terminal.cancel());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    summary(made, "inspect neurons", corpus.toString());
    if (!json) {
      print(String.format(Locale.ROOT, "written to %s after %.0f s", file, seconds));
    }
  }

  private Encoder open(NeuronProfile asked) {
    return Encoder.open(model(model == null ? asked.model() : model), encoderOptions());
  }

  private void summary(NeuronProfile asked, String command, String query) {
    var answers = new Answers(command, query).of("model", asked.model());
    answers.with("profile", NeuronShown.about(asked));
    var table = new Table().row("layer", "neurons", "firing", "never fire", "mean greatest");
    for (int layer : asked.layers()) {
      double firing = 0;
      double greatest = 0;
      int silent = 0;
      for (int unit = 0; unit < asked.width(); unit++) {
        ProfiledNeuron it = asked.neuron(new NeuronId(layer, unit));
        firing += it.firing() / asked.width();
        greatest += it.maximum() / asked.width();
        silent += it.firing() == 0 ? 1 : 0;
      }
      JsonObject result = answers.result();
      result.addProperty("layer", layer);
      result.addProperty("neurons", asked.width());
      result.addProperty("firing", firing);
      result.addProperty("silent", silent);
      result.addProperty("greatest", greatest);
      table.row(
          Integer.toString(layer),
          String.format(Locale.ROOT, "%,d", asked.width()),
          NeuronShown.percent(firing),
          Integer.toString(silent),
          String.format(Locale.ROOT, "%.2f", greatest));
    }
    if (json) {
      print(answers.toString());
      return;
    }
    print(
        String.format(
            Locale.ROOT,
            "%s over %s: %,d tokens in %,d sentences, the %d strongest examples of each neuron",
            asked.model(),
            Table.printable(asked.corpus()),
            asked.tokens(),
            asked.sentences(),
            asked.top()));
    print(table.lines());
  }

  private void neurons(NeuronProfile asked) throws IOException {
    List<NeuronId> ids = neurons.stream().map(NeuronId::parse).toList();
    var answers =
        new Answers("inspect neurons", String.join(",", neurons)).of("model", asked.model());
    answers.with("profile", NeuronShown.about(asked));
    var page = new HtmlPage("Neurons of " + asked.model());
    try (Encoder encoder = open(asked)) {
      asked.requireMadeBy(encoder.info());
      var inside = new Neurons(encoder);
      for (NeuronId id : ids) {
        ProfiledNeuron neuron = asked.neuron(id);
        List<AddedPiece> added = inside.adds(id, PIECES);
        List<NeuronExample> shown =
            neuron.examples().subList(0, Math.min(top(10), neuron.examples().size()));
        if (json) {
          NeuronShown.describe(answers.result(), neuron, shown, added);
        } else {
          show(neuron, shown, added);
        }
        NeuronShown.add(page, neuron, shown, added);
      }
    }
    if (json) {
      print(answers.toString());
    }
    if (html != null) {
      page.write(html);
    }
  }

  private void show(ProfiledNeuron neuron, List<NeuronExample> shown, List<AddedPiece> added) {
    print(terminal.bold("neuron " + neuron.id()) + ": " + NeuronShown.told(neuron));
    var table = new Table();
    for (NeuronExample it : shown) {
      table.row(
          NeuronShown.number("%.2f", it.activation()),
          Table.around(it.text(), it.token(), COLUMNS));
    }
    print(table.lines());
    print("adds towards: " + NeuronShown.told(added));
    print("");
  }

  private void firing(String text, NeuronProfile asked) throws IOException {
    try (Encoder encoder = open(asked)) {
      Span at = word == null ? null : place(encoder.inside(), text, word);
      List<FiringNeuron> found = new Neurons(encoder).firing(text, at, asked, top(10));
      var answers = new Answers("inspect neurons", text).of("model", asked.model());
      answers.with("profile", NeuronShown.about(asked));
      var rows = new ArrayList<List<String>>();
      rows.add(List.of("neuron", "at", "activation", "deviations", "of its greatest", "fires for"));
      int rank = 0;
      for (FiringNeuron it : found) {
        JsonObject result = answers.result();
        result.addProperty("rank", ++rank);
        NeuronShown.describe(result, it.neuron());
        result.addProperty("score", it.deviations());
        result.addProperty("share", it.share());
        result.add("here", NeuronShown.example(it.here()));
        var list = new JsonArray();
        it.neuron().examples().forEach(e -> list.add(NeuronShown.example(e)));
        result.add("examples", list);
        rows.add(
            List.of(
                it.neuron().id().toString(),
                Table.printable(it.here().tokenText()),
                NeuronShown.number("%.2f", it.here().activation()),
                NeuronShown.number("%.1f", it.deviations()),
                NeuronShown.number("%.0f %%", 100 * it.share()),
                Table.shortened(NeuronShown.words(it.neuron()), 70)));
      }
      if (json) {
        print(answers.toString());
      } else {
        var table = new Table();
        rows.forEach(row -> table.row(row.toArray(String[]::new)));
        print(table.lines());
      }
      if (html != null) {
        new HtmlPage("Neurons that fire")
            .text(text)
            .text("What fires most in the text, beside what else fires it in " + asked.corpus())
            .table(rows)
            .write(html);
      }
    }
  }

  private static Span place(Inside inside, String text, String word) {
    TokenisedText tokens = inside.tokenise(text);
    return tokens.words().stream()
        .filter(it -> it.text().equalsIgnoreCase(word))
        .findFirst()
        .map(TokenisedText.Word::span)
        .orElseThrow(
            () ->
                new PolysemeException(
                    "\"%s\" is no word of the text; its words are %s"
                        .formatted(
                            word,
                            tokens.words().stream()
                                .map(TokenisedText.Word::text)
                                .distinct()
                                .limit(30)
                                .collect(Collectors.joining(", ")))));
  }

  private void curve(NeuronProfile asked) throws IOException {
    String name = judge != null ? judge : model != null ? model : asked.model();
    List<NeuronLayer> measured;
    try (Encoder encoder = Encoder.open(model(name), encoderOptions());
        Bars bars = bars()) {
      measured =
          new NeuronCurve(sample, examples, seed).measure(asked, encoder, bars, terminal.cancel());
    }
    new NeuronCurveShown(asked, name, measured).show(this, NeuronShown.about(asked), html);
  }
}
