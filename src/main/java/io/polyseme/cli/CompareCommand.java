package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "compare",
    description = {
      "How near two words, two texts, or words in two contexts are, as a cosine.",
      "Single words are compared in the word space, texts by their sentence vectors, and words in"
          + " contexts (--in-a, --in-b) at a layer of the model."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme compare cat dog",
      "  polyseme compare \"a fear of heights\" \"acrophobia scares me\"",
      "  polyseme compare bank bank --in-a \"he sat on the bank of the river\" \\",
      "      --in-b \"the bank lends money\""
    })
final class CompareCommand extends Asked {
  @Parameters(arity = "2", paramLabel = "A B", description = "Two words or texts.")
  List<String> both = new ArrayList<>();

  @Option(names = "--in-a", paramLabel = "TEXT", description = "The text that A stands in.")
  @Nullable String inA;

  @Option(names = "--in-b", paramLabel = "TEXT", description = "The text that B stands in.")
  @Nullable String inB;

  @Option(names = "--model", paramLabel = "MODEL", description = "A model's name or folder.")
  @Nullable String model;

  @Option(
      names = "--layer",
      paramLabel = "LAYER",
      description = "The layer, or several joined as mean(4,8) (default: last).")
  String layer = "last";

  CompareCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    String a = both.getFirst();
    String b = both.getLast();
    if (a.isBlank() || b.isBlank()) {
      throw wrongUse("one of the two is empty");
    }
    boolean contexts = inA != null || inB != null;
    boolean texts = !contexts && (model != null || isText(a) || isText(b));
    if (!contexts && !texts) {
      Opened opened = open(a + b);
      show(a, b, opened.kind(), opened.name(), "", opened.resolver(), word(a), word(b));
      return;
    }
    String sample = contexts ? inA + " " + inB : a + b;
    String name = model == null ? ModelStore.defaultFor(sample) : model;
    try (Encoder encoder = Encoder.open(model(name), encoderOptions())) {
      EncodeRequest request = EncodeRequest.ofSentences().withLayers(Layers.parse(layer));
      TermResolver resolver =
          contexts ? encoder.wordResolver(request) : encoder.textResolver(request);
      show(
          a,
          b,
          "model",
          encoder.info().card().name(),
          layer,
          resolver,
          contexts ? usage(a, inA) : new Term.Text(a),
          contexts ? usage(b, inB) : new Term.Text(b));
    }
  }

  private static boolean isText(String text) {
    return text.strip().matches(".*[\\s。，！？].*") || text.codePointCount(0, text.length()) > 30;
  }

  private static Term word(String word) {
    return new Term.Word(word.strip());
  }

  /** A word in its context, or on its own where none is given. */
  private static Term usage(String word, @Nullable String in) {
    if (in == null) {
      return new Term.Usage(word, new Span(0, word.length()));
    }
    return new Term.Usage(in, Occurrences.of(word, in).getFirst());
  }

  private void show(
      String a,
      String b,
      String kind,
      String name,
      String layer,
      TermResolver resolver,
      Term termA,
      Term termB) {
    double score = Vectors.cosine(resolver.resolve(termA), resolver.resolve(termB));
    if (!json) {
      print(number(score));
      return;
    }
    var answers = new Answers("compare", a + " ~ " + b).of(kind, name);
    JsonObject result = answers.result();
    result.addProperty("rank", 1);
    result.addProperty("label", a + " ~ " + b);
    result.addProperty("score", score);
    if (!layer.isEmpty()) {
      result.addProperty("layer", layer);
    }
    print(answers.toString());
  }
}
