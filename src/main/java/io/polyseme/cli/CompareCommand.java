package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.analogy.WordMovers;
import io.polyseme.analogy.WordQuestions;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.Occurrences;
import io.polyseme.model.ModelStore;
import io.polyseme.sense.SameSense;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "compare",
    description = {
      "How near two words, two lists of words, two texts, or words in two contexts are, as a cosine.",
      "Single words are compared in the word space, and so are lists of words with commas between, by"
          + " the means of their unit vectors; texts by their sentence vectors, and words in contexts"
          + " (--in-a, --in-b) at a layer of the model.",
      "With --same-sense, whether two words in contexts have the same sense, by what evaluate wic"
          + " --save has learned from pairs."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme compare cat dog",
      "  polyseme compare \"a fear of heights\" \"acrophobia scares me\"",
      "  polyseme compare bank bank --in-a \"he sat on the bank of the river\" \\",
      "      --in-b \"the bank lends money\"",
      "  polyseme compare bank banks --in-a \"he sat on the bank of the river\" \\",
      "      --in-b \"the banks lend money\" --same-sense same-sense.json",
      "  polyseme compare cat,dog,horse car,train",
      "  polyseme compare cat mouse --rank        (which neighbour of cat is mouse?)",
      "  polyseme compare cat mouse --closer      (what is nearer to cat than mouse is?)",
      "  polyseme compare cat mouse,car,dog --each",
      "  polyseme compare \"Obama speaks to the media\" \"the president greets the press\" --wmd"
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

  @Option(
      names = "--rank",
      description = "Say which neighbour of A the word B is: 1 for the nearest.")
  boolean rank;

  @Option(names = "--closer", description = "List the words that are nearer to A than B is.")
  boolean closer;

  @Option(
      names = "--each",
      description = "Compare A with each word of the list B, and list them nearest first.")
  boolean each;

  @Option(
      names = "--wmd",
      description =
          "The word mover's distance of two texts in the word space, from 0 to 2 (less is nearer),"
              + " instead of a cosine.")
  boolean wmd;

  @Option(
      names = "--same-sense",
      paramLabel = "FILE",
      description =
          "Whether A in --in-a and B in --in-b have the same sense, and how likely that is, as FILE"
              + " tells it (evaluate wic --save writes one).")
  @Nullable Path sameSense;

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
    refuse("--exact", "--hnsw", "--filter", "--match", "--first", "--only");
    boolean contexts = inA != null || inB != null;
    long ways = Stream.of(rank, closer, each, wmd).filter(asked -> asked).count();
    if (ways > 1 || ways == 1 && (contexts || model != null)) {
      throw wrongUse(
          "--rank, --closer, --each and --wmd are asked one at a time, and of a word space only");
    }
    if (sameSense != null) {
      if (inA == null || inB == null || ways == 1) {
        throw wrongUse("--same-sense tells of two words in contexts: it needs --in-a and --in-b");
      }
      refuse("--layer", "--space", "--index");
      tellSense(SameSense.open(sameSense), usage(a, inA), usage(b, inB));
      return;
    }
    if (ways == 1 || !contexts && model == null && isLists(a, b)) {
      ask(a, b);
      return;
    }
    boolean texts = !contexts && (model != null || isText(a) || isText(b));
    if (!contexts && !texts) {
      Opened opened = open(a + b);
      double score = cosine(noting(opened.resolver()), word(a), word(b));
      show(a, b, opened.kind(), opened.name(), "", score, notes());
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
          cosine(
              resolver,
              contexts ? usage(a, inA) : new Term.Text(a),
              contexts ? usage(b, inB) : new Term.Text(b)),
          List.of());
    }
  }

  /** By the model that it was learned of, unless --model names a place of that. */
  private void tellSense(SameSense learned, Term.Usage a, Term.Usage b) {
    try (Encoder encoder =
        Encoder.open(model(model == null ? learned.model() : model), encoderOptions())) {
      SameSense.Answer answer = learned.tell(encoder, a, b);
      if (!json) {
        print(
            "%s, probability of the same %s"
                .formatted(
                    answer.same() ? "same sense" : "different senses",
                    number(answer.probability())));
        return;
      }
      String label = a.word() + " ~ " + b.word();
      var answers = new Answers("compare", label).of("model", encoder.info().card().name());
      JsonObject result = answers.result();
      result.addProperty("rank", 1);
      result.addProperty("label", label);
      result.addProperty("score", answer.probability());
      result.addProperty("same", answer.same());
      result.addProperty("metric", "probability of the same sense");
      result.addProperty("method", learned.method().toString());
      print(answers.toString());
    }
  }

  /** Whether one is a list of words with commas between, and neither is a text. */
  private static boolean isLists(String a, String b) {
    return (words(a).size() > 1 || words(b).size() > 1) && !isText(a) && !isText(b);
  }

  private static List<String> words(String list) {
    return Arrays.stream(list.split("[,，、]")).map(String::strip).filter(w -> !w.isEmpty()).toList();
  }

  /** What only a word space answers. */
  private void ask(String a, String b) {
    Opened opened = open(a + b);
    if (wmd) {
      var movers = new WordMovers(opened.space(), true);
      WordMovers.Bag from = movers.bag(movers.tokens(a));
      WordMovers.Bag to = movers.bag(movers.tokens(b));
      if (from.words().isEmpty() || to.words().isEmpty()) {
        throw new PolysemeException(
            "%s has no word of \"%s\"".formatted(opened.name(), from.words().isEmpty() ? a : b));
      }
      List<String> unknown = new ArrayList<>(from.unknown());
      unknown.addAll(to.unknown());
      List<String> warnings =
          unknown.isEmpty()
              ? List.of()
              : List.of("not in the space, and left out: " + String.join(", ", unknown));
      show(a, b, opened.kind(), opened.name(), "", movers.distance(from, to), warnings);
      return;
    }
    var questions = new WordQuestions(opened.space(), noting(opened.resolver()));
    if (closer || each) {
      List<Hit> hits = closer ? questions.closerThan(a, b) : questions.ranked(a, words(b));
      show("compare", a + " ~ " + b, opened, new Answer(hits, true, hits.size(), notes()));
    } else if (rank) {
      int found = questions.rank(a, b);
      if (json) {
        var answers = new Answers("compare", a + " ~ " + b).of(opened.kind(), opened.name());
        JsonObject result = answers.result();
        result.addProperty("rank", found);
        result.addProperty("label", b);
        result.addProperty("score", questions.similarity(a, b));
        print(answers.warn(notes()).toString());
      } else {
        warn(notes());
        print(Integer.toString(found));
      }
    } else {
      double score = questions.similarity(words(a), words(b));
      show(a, b, opened.kind(), opened.name(), "", score, notes());
    }
  }

  private static boolean isText(String text) {
    return text.strip().matches(".*[\\s。，！？].*") || text.codePointCount(0, text.length()) > 30;
  }

  private static Term word(String word) {
    return new Term.Word(word.strip());
  }

  /** A word in its context, or on its own where none is given. */
  private static Term.Usage usage(String word, @Nullable String in) {
    if (in == null) {
      return new Term.Usage(word, new Span(0, word.length()));
    }
    return new Term.Usage(in, Occurrences.of(word, in).getFirst());
  }

  private static double cosine(TermResolver resolver, Term a, Term b) {
    return Vectors.cosine(resolver.resolve(a), resolver.resolve(b));
  }

  private void show(
      String a,
      String b,
      String kind,
      String name,
      String layer,
      double score,
      List<String> warnings) {
    if (!json) {
      warn(warnings);
      print(number(score));
      return;
    }
    var answers = new Answers("compare", a + " ~ " + b).of(kind, name);
    JsonObject result = answers.result();
    result.addProperty("rank", 1);
    result.addProperty("label", a + " ~ " + b);
    result.addProperty("score", score);
    result.addProperty("metric", wmd ? "word mover's distance" : "cosine");
    if (!layer.isEmpty()) {
      result.addProperty("layer", layer);
    }
    answers.warn(warnings);
    print(answers.toString());
  }
}
