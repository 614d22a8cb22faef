package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.ModelComparison;
import io.polyseme.encoder.Quantiser;
import io.polyseme.encoder.TextSample;
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
      "Make an int8 model of a float32 one: smaller, and on a CPU faster, with vectors that still do"
          + " not depend on the texts beside them. It needs no data, and appears whole or not at"
          + " all.",
      "Then both encode the same texts by turns, to show how far their sentence vectors agree"
          + " (cosines) and how many texts a second each encodes here: glosses of WordNet for an"
          + " English model, otherwise texts of its vocabulary's pieces, which mean nothing; better"
          + " give your own with --texts."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme models quantise all-minilm-l6-v2",
      "  polyseme encode \"He sat on the bank.\" --model all-minilm-l6-v2-int8",
      "  polyseme models quantise bge-small-zh-v1.5 --texts sentences.txt",
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
    encoderOptions(); // wrong ones are said before the work
    List<String> given = texts == null ? List.of() : TextSample.ofLines(texts, sample);
    ModelFiles from = model(name);
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
    ModelComparison comparison = noCheck ? null : compare(from, made.files(), given);
    List<String> warnings = warnings(comparison);
    if (json) {
      print(answers(from, made, comparison).warn(warnings).toString());
      return;
    }
    if (comparison != null) {
      say(from, made, comparison);
    }
    warn(warnings);
  }

  private ModelComparison compare(ModelFiles from, ModelFiles made, List<String> given) {
    try (Encoder before = Encoder.open(from, encoderOptions());
        Encoder after = Encoder.open(made, encoderOptions());
        Bars bars = bars()) {
      List<String> all = given.isEmpty() ? sample(before) : given;
      return ModelComparison.of(after, before, all, bars, terminal.cancel());
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

  private static List<String> warnings(@Nullable ModelComparison comparison) {
    var warnings = new ArrayList<String>();
    if (comparison == null) {
      return warnings;
    }
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

  private void say(ModelFiles from, Quantiser.Result made, ModelComparison comparison) {
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
    print(table.lines());
    print("the worst text: " + Table.shortened(comparison.worstText(), 100));
  }

  private static String rate(double textsPerSecond) {
    return String.format(Locale.ROOT, "%.0f", textsPerSecond);
  }

  private Answers answers(
      ModelFiles from, Quantiser.Result made, @Nullable ModelComparison comparison) {
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
    if (comparison != null) {
      result.addProperty("texts", comparison.texts());
      result.addProperty("cosine", comparison.meanCosine());
      result.addProperty("worstCosine", comparison.worstCosine());
      result.addProperty("worstText", comparison.worstText());
      result.addProperty("textsPerSecond", comparison.textsPerSecond());
      result.addProperty("textsPerSecondBefore", comparison.textsPerSecondBefore());
    }
    return answers;
  }
}
