package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.ModelComparison;
import io.polyseme.encoder.Quantiser;
import io.polyseme.encoder.TextSample;
import io.polyseme.evaluate.ModelTests;
import io.polyseme.evaluate.Score;
import io.polyseme.lexicon.WordNet;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelTarget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "quantise",
    description = {
      "Make an int8 model of a float32 one: smaller, and on a CPU faster, with vectors that still"
          + " do not depend on the texts beside them. It needs no data, and appears whole or not at"
          + " all.",
      "Then both encode the same texts by turns, to show how far their sentence vectors agree"
          + " (cosines) and how many texts a second each encodes here: glosses of WordNet for an"
          + " English model, otherwise texts of its vocabulary's pieces, which mean nothing; better"
          + " give your own with --texts.",
      "With --data they are scored by public test sets, too, which takes some minutes: a Chinese"
          + " model by csts-zh/Chinese-STS-B/sts-b-dev.txt in that folder, any other by"
          + " stsb/sts-dev.csv (Spearman's correlation at the last layer) and coarsewsd20 (macro-F1"
          + " of senses at the middle layer and the last), each where it is there. \"evaluate sts\""
          + " and \"evaluate coarse\" give the same figures of one model."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme models quantise all-minilm-l6-v2",
      "  polyseme encode \"He sat on the bank.\" --model all-minilm-l6-v2-int8",
      "  polyseme models quantise bge-small-zh-v1.5 --texts sentences.txt",
      "  polyseme models quantise bge-small-en-v1.5 --data test-sets",
      "  polyseme models quantise ./my-model --out ./my-model-int8 --no-check"
    })
final class QuantiseCommand extends Command {
  /** What is to be expected of a quantised model; less is said. */
  private static final double USUAL_MEAN = 0.995;

  private static final double USUAL_WORST = 0.98;

  @Parameters(paramLabel = "MODEL", description = "A float32 model's name or folder.")
  String name = "";

  @Option(
      names = "--out",
      paramLabel = "NAME_OR_FOLDER",
      description =
          "Its name in the cache, or a path, as ./NAME (default: the model's name with -int8).")
  @Nullable String out;

  @Option(names = "--overwrite", description = "Replace a model that is there already.")
  boolean overwrite;

  @Option(names = "--no-check", description = "Do not compare the two.")
  boolean noCheck;

  @Option(
      names = "--texts",
      paramLabel = "FILE",
      description = "What to compare them by, a text a line.")
  @Nullable Path texts;

  @Option(
      names = "--sample",
      paramLabel = "N",
      description = "By how many texts, drawn from all (default: ${DEFAULT-VALUE}).")
  int sample = 1000;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "A folder of public test sets to score both by.")
  @Nullable Path data;

  QuantiseCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    if (sample < 1) {
      throw wrongUse("--sample must be at least 1, and is " + sample);
    }
    if (noCheck && texts != null) {
      throw wrongUse("--texts is what the check compares by: leave out --no-check");
    }
    if (noCheck && data != null) {
      throw wrongUse("--data is what the check scores by: leave out --no-check");
    }
    encoderOptions(); // wrong ones are said before the work
    List<String> given = texts == null ? List.of() : TextSample.ofLines(texts, sample);
    ModelFiles from = model(name);
    ModelTests tests = data == null ? null : ModelTests.in(data, from.card().language());
    ModelTarget target = out == null ? Quantiser.target(from) : ModelTarget.of(out);
    Quantiser.Result made;
    try (Bars bars = bars()) {
      made =
          Quantiser.quantise(
              from, models(), overwrite ? target.replacing() : target, bars, terminal.cancel());
    }
    if (!json) {
      say(from, made);
    }
    Check check = noCheck ? null : check(from, made.files(), given, tests);
    List<String> warnings = warnings(check);
    if (json) {
      print(answers(from, made, check).warn(warnings).toString());
      return;
    }
    if (check != null) {
      say(from, made, check);
    }
    warn(warnings);
  }

  /**
   * What the two were found to be.
   *
   * @param tested null unless test sets were given
   */
  private record Check(ModelComparison comparison, ModelTests.@Nullable Figures tested) {}

  private Check check(
      ModelFiles from, ModelFiles made, List<String> given, @Nullable ModelTests tests) {
    try (Encoder before = Encoder.open(from, encoderOptions());
        Encoder after = Encoder.open(made, encoderOptions());
        Bars bars = bars()) {
      List<String> all = given.isEmpty() ? sample(before) : given;
      return new Check(
          ModelComparison.of(after, before, all, bars, terminal.cancel()),
          tests == null ? null : tests.compare(before, after, bars, terminal.cancel()));
    }
  }

  private List<String> sample(Encoder encoder) {
    String language = encoder.info().card().language();
    if (!language.isEmpty() && !language.equals("en")) {
      return TextSample.ofPieces(encoder, sample);
    }
    var glosses = new TextSample(sample);
    try (WordNet wordNet = WordNet.open()) {
      wordNet.forEach(entry -> glosses.offer(entry.definition()));
      return glosses.texts();
    } catch (PolysemeException e) {
      return TextSample.ofPieces(encoder, sample); // WordNet is optional
    }
  }

  private static List<String> warnings(@Nullable Check check) {
    var warnings = new ArrayList<String>();
    if (check == null) {
      return warnings;
    }
    ModelComparison comparison = check.comparison;
    if (comparison.left() > 0) {
      warnings.add(comparison.left() + " texts were left out: they cannot be encoded");
    }
    if (comparison.meanCosine() < USUAL_MEAN || comparison.worstCosine() < USUAL_WORST) {
      warnings.add(
          "the vectors are further from float32's than is usual (mean %s, worst %s): measure what you use it for"
              .formatted(USUAL_MEAN, USUAL_WORST));
    }
    if (comparison.textsPerSecond() < comparison.textsPerSecondBefore()) {
      warnings.add("it is no faster here than the float32 model");
    }
    if (check.tested != null) {
      warnings.addAll(check.tested.warnings());
    }
    return warnings;
  }

  private void say(ModelFiles from, Quantiser.Result made) {
    print(made.files().card().name() + " is in " + made.files().folder());
    String others =
        made.others() == 0
            ? ""
            : ", %d left as they were (small, or not float32)".formatted(made.others());
    print(
        "%d matrices of weights in int8%s; %s MB instead of %s"
            .formatted(
                made.projections(),
                others,
                inMegabytes(made.bytes()),
                inMegabytes(made.bytesBefore())));
    print(
        "%s of %s: %s"
            .formatted("licence", from.card().name(), Table.printable(from.card().licence())));
  }

  private static String inMegabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / 1e6);
  }

  private void say(ModelFiles from, Quantiser.Result made, Check check) {
    ModelComparison comparison = check.comparison;
    print("");
    var table = new Table();
    table.row("", from.card().name(), made.files().card().name());
    table.row(
        "texts a second",
        rate(comparison.textsPerSecondBefore()),
        rate(comparison.textsPerSecond()));
    table.row("MB", inMegabytes(made.bytesBefore()), inMegabytes(made.bytes()));
    table.row("cosine, mean of " + comparison.texts(), "", number(comparison.meanCosine()));
    table.row("cosine, worst", "", number(comparison.worstCosine()));
    if (check.tested != null) {
      addTo(table, check.tested);
    }
    print(table.lines());
    print("the worst text: " + Table.shortened(comparison.worstText(), 100));
  }

  /** A row for each figure: of the model before, and of the one that was made of it. */
  static void addTo(Table table, ModelTests.Figures figures) {
    for (ModelTests.Figure figure : figures.figures()) {
      table.row(named(figure), number(figure.before().value()), number(figure.made().value()));
    }
  }

  private static String named(ModelTests.Figure figure) {
    Score score = figure.before();
    return "%s %s, %s, layer %s (%,d)"
        .formatted(figure.test(), score.section(), score.metric(), score.layer(), score.n());
  }

  private static String rate(double textsPerSecond) {
    return String.format(Locale.ROOT, "%.0f", textsPerSecond);
  }

  private Answers answers(ModelFiles from, Quantiser.Result made, @Nullable Check check) {
    var answers = new Answers("models quantise", name).of("model", made.files().card().name());
    JsonObject result = answers.result();
    ModelsCommand.describe(result, made.files().card());
    result.addProperty("from", from.card().name());
    result.addProperty("fingerprint", made.files().fingerprint());
    result.addProperty("folder", made.files().folder().toString());
    result.addProperty("projections", made.projections());
    result.addProperty("others", made.others());
    result.addProperty("bytes", made.bytes());
    result.addProperty("bytesBefore", made.bytesBefore());
    if (check != null) {
      ModelComparison comparison = check.comparison;
      result.addProperty("texts", comparison.texts());
      result.addProperty("cosine", comparison.meanCosine());
      result.addProperty("worstCosine", comparison.worstCosine());
      result.addProperty("worstText", comparison.worstText());
      result.addProperty("textsPerSecond", comparison.textsPerSecond());
      result.addProperty("textsPerSecondBefore", comparison.textsPerSecondBefore());
      if (check.tested != null) {
        var tests = new JsonArray();
        check.tested.figures().forEach(figure -> tests.add(described(figure)));
        result.add("tests", tests);
      }
    }
    return answers;
  }

  /** As evaluate describes the made model's score, and the float32 model's under "before". */
  static JsonObject described(ModelTests.Figure figure) {
    var json = new JsonObject();
    json.addProperty("test", figure.test());
    EvaluateCommand.Evaluate.describe(json, figure.made());
    var before = new JsonObject();
    EvaluateCommand.Evaluate.describe(before, figure.before());
    json.add("before", before);
    return json;
  }
}
