package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Occurrences;
import io.polyseme.encoder.WordHead;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.predict.PredictOptions;
import io.polyseme.predict.Prediction;
import io.polyseme.predict.WordPredictor;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "predict",
    description = {
      "The words that a language model expects where [MASK] stands in a text, with their"
          + " probabilities; by a causal model those that come next.",
      "It needs a model with a language-model head. train-head learns one for any encoder.",
      "With --layer other layers are asked, too: what the head makes of their hidden states, through"
          + " the tuned lens that train-head learns, or with --raw as they are (logit lens)."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme train-head bge-small-en-v1.5 --in articles.txt",
      "  polyseme predict \"The capital of France is [MASK].\"",
      "  polyseme predict \"He sat on the bank of the river\" --word bank --top 5",
      "  polyseme predict \"He deposited the money at the [MASK].\" --layer all",
      "  polyseme predict \"Once upon a\" --model ./gpt2 --json"
    })
final class PredictCommand extends Command {
  private static final int SHOWN = 5;

  @Parameters(arity = "0..1", paramLabel = "TEXT", description = "The text; else standard input.")
  @Nullable String text;

  @Option(
      names = "--word",
      paramLabel = "WORD",
      description = "A word of the text to be masked and predicted.")
  @Nullable String word;

  @Option(
      names = "--occurrence",
      paramLabel = "N",
      description = "Which, where the word is more than once in the text (default: the first).")
  @Nullable Integer occurrence;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "The name or folder of a model with a head (default: what train-head made of the default"
              + " model of the text's script).")
  @Nullable String model;

  @Option(
      names = "--layer",
      paramLabel = "LAYER",
      description =
          "A layer: 0 (embeddings) to the last, -1 or last, or all; may be given again (default:"
              + " the one that the head reads).")
  List<String> layers = new ArrayList<>();

  @Option(names = "--raw", description = "Read other layers as they are, without the tuned lens.")
  boolean raw;

  @Option(names = "--top", paramLabel = "N", description = "How many (default: ${DEFAULT-VALUE}).")
  int top = PredictOptions.DEFAULT.top();

  PredictCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (top < 1) {
      throw wrongUse("--top must be at least 1, and is " + top);
    }
    if (occurrence != null && word == null) {
      throw wrongUse("--occurrence is of the word that --word names");
    }
    String asked = text(text, "a text");
    if (asked.isBlank()) {
      throw wrongUse("the text is empty");
    }
    ModelFiles files = files(asked);
    try (Encoder encoder = Encoder.open(files, encoderOptions());
        WordPredictor predictor = WordPredictor.open(files, encoder)) {
      List<Integer> wanted = layers(predictor.layers());
      PredictOptions options = PredictOptions.DEFAULT.withTop(top).withLayers(wanted).withRaw(raw);
      var warnings = new ArrayList<String>();
      List<Prediction> predictions =
          word == null
              ? predictor.predict(asked, options)
              : predictor.predict(asked, place(asked, warnings), options);
      boolean inner = wanted.stream().anyMatch(layer -> layer != predictor.layer());
      if (inner && !raw && !predictor.hasLens()) {
        warnings.add("the model has no tuned lens: other layers are read as they are");
      }
      if (json) {
        print(json(asked, files, predictions, warnings));
      } else {
        warn(warnings);
        show(asked, predictor.kind(), predictions);
      }
    }
  }

  private ModelFiles files(String asked) {
    if (model != null) {
      return model(model);
    }
    String base = ModelStore.defaultFor(asked);
    String name = base + "-head";
    if (models().list().stream().noneMatch(listing -> listing.card().name().equals(name))) {
      throw new PolysemeException(
          "there is no model %s yet: \"polyseme train-head %s --in TEXT\" makes it from raw text; --model names another with a language-model head"
              .formatted(name, base));
    }
    return model(name);
  }

  private Span place(String asked, List<String> warnings) {
    List<Span> found = Occurrences.of(word, asked);
    int which = occurrence == null ? 1 : occurrence;
    if (which < 1) {
      throw wrongUse("--occurrence counts from 1, and is " + which);
    }
    if (which > found.size()) {
      throw new PolysemeException(
          "\"%s\" is %d times in the text, and occurrence %d was asked for"
              .formatted(word, found.size(), which));
    }
    if (occurrence == null && found.size() > 1) {
      warnings.add(
          "\"%s\" is %d times in the text: the first is masked; --occurrence names another"
              .formatted(word, found.size()));
    }
    return found.get(which - 1);
  }

  private List<Integer> layers(int last) {
    var wanted = new ArrayList<Integer>();
    for (String layer : layers) {
      switch (layer.toLowerCase(Locale.ROOT)) {
        case "all" -> IntStream.rangeClosed(0, last).forEach(wanted::add);
        case "last" -> wanted.add(last);
        default -> wanted.add(layer(layer, last));
      }
    }
    return wanted.stream().distinct().toList();
  }

  private int layer(String layer, int last) {
    int number;
    try {
      number = Integer.parseInt(layer);
    } catch (NumberFormatException e) {
      throw wrongUse("--layer is a number, last or all, and not \"" + layer + "\"");
    }
    number = number < 0 ? last + 1 + number : number;
    if (number < 0 || number > last) {
      throw new PolysemeException(
          "there is no layer %s: the model has 0 (embeddings) to %d".formatted(layer, last));
    }
    return number;
  }

  private String json(
      String asked, ModelFiles files, List<Prediction> predictions, List<String> warnings) {
    var answers = new Answers("predict", asked).of("model", files.card().name()).warn(warnings);
    for (Prediction prediction : predictions) {
      int rank = 0;
      for (Prediction.Word it : prediction.words()) {
        JsonObject result = answers.result();
        result.addProperty("rank", ++rank);
        result.addProperty("label", it.word());
        result.addProperty("score", it.probability());
        result.addProperty("layer", prediction.layer());
        result.add("span", Answers.span(prediction.span()));
      }
    }
    return answers.toString();
  }

  private void show(String asked, WordHead.Kind kind, List<Prediction> predictions) {
    boolean several = predictions.stream().map(Prediction::layer).distinct().count() > 1;
    Span before = null;
    var table = new Table();
    for (Prediction prediction : predictions) {
      if (!prediction.span().equals(before)) {
        flush(table);
        table = new Table();
        before = prediction.span();
        if (predictions.stream().map(Prediction::span).distinct().count() > 1) {
          print("");
          print(terminal.bold(heading(asked, before, kind)));
        }
      }
      if (several) {
        table.row(
            "layer " + prediction.layer(),
            prediction.words().stream()
                .limit(Math.min(top, SHOWN))
                .map(it -> "%s %s".formatted(Table.printable(it.word()), score(it)))
                .collect(Collectors.joining("   ")));
      } else {
        int rank = 0;
        for (Prediction.Word it : prediction.words()) {
          table.row(Integer.toString(++rank), score(it), Table.printable(it.word()));
        }
      }
    }
    flush(table);
  }

  private void flush(Table table) {
    print(table.lines());
  }

  private static String heading(String asked, Span span, WordHead.Kind kind) {
    return kind == WordHead.Kind.CAUSAL
        ? "next"
        : Table.printable(span.of(asked)) + " at " + span.start();
  }

  private static String score(Prediction.Word word) {
    return String.format(Locale.ROOT, "%.4f", word.probability());
  }
}
