package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.evaluate.Distractors;
import io.polyseme.evaluate.Ranker;
import io.polyseme.evaluate.RetrievalIndex;
import io.polyseme.evaluate.RetrievalOptions;
import io.polyseme.evaluate.RetrievalScores;
import io.polyseme.evaluate.RetrievalScores.Comparison;
import io.polyseme.evaluate.RetrievalSet;
import io.polyseme.evaluate.RetrievalTrial;
import io.polyseme.evaluate.Score;
import io.polyseme.search.Fusion;
import io.polyseme.search.SearchMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "retrieval",
    description = {
      "Search on test collections: by words alone (BM25), by vectors alone, and by both, as search"
          + " does it by default and by reciprocal ranks.",
      "PATH is the folder of Cranfield, a JSON file of questions on paragraphs (SQuAD, XQuAD,"
          + " CMRC), or a folder in the layout of BEIR (corpus.jsonl, queries.jsonl,"
          + " qrels/test.tsv). Several are searched together, as one collection, and reported"
          + " each.",
      "Each hybrid is held against the better of words and vectors, by a paired randomisation test"
          + " and an interval of the difference."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme evaluate retrieval cranfield",
      "  polyseme evaluate retrieval cranfield --queries odd --alpha 0.3,0.5,0.7",
      "  polyseme evaluate retrieval xquad.en.json --distractors enwiki.txt.gz --work trial --json"
    })
final class RetrievalCommand extends EvaluateCommand.Evaluate {
  private static final String WORDS = "words";
  private static final String VECTORS = "vectors";
  private static final Fusion.ReciprocalRank RECIPROCAL = new Fusion.ReciprocalRank(60);

  @Parameters(paramLabel = "PATH", arity = "1..*", description = "The collections.")
  List<Path> paths = new ArrayList<>();

  @Option(
      names = "--distractors",
      paramLabel = "FILE",
      description =
          "Add texts of a file (a line each, or .jsonl, .tsv, packed or not) to the documents: as"
              + " long as these, and none that repeats one.")
  @Nullable Path distractors;

  @Option(
      names = "--distractor-count",
      paramLabel = "N",
      description = "How many texts are added (default: ${DEFAULT-VALUE}).")
  int distractorCount = 20_000;

  @Option(
      names = "--queries",
      paramLabel = "PART",
      description =
          "Ask only the odd or the even queries, as when a weight is chosen on the odd ones; all"
              + " are reported by halves too (default: ${DEFAULT-VALUE}).")
  String queries = "all";

  @Option(
      names = "--alpha",
      split = ",",
      paramLabel = "A",
      description =
          "Try further weights of the vectors beside the default one, from 0 to 1, with commas"
              + " between.")
  List<Double> alphas = new ArrayList<>();

  @Option(
      names = "--work",
      paramLabel = "FOLDER",
      description =
          "Keep the index there, so that another run encodes only what is new (default: it is made"
              + " anew and removed).")
  @Nullable Path work;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "The encoder (default: by the script of the documents).")
  String model = "";

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "For drawing distractors, intervals and tests (default: ${DEFAULT-VALUE}).")
  long seed = RetrievalOptions.DEFAULT.seed();

  RetrievalCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    RetrievalOptions options =
        RetrievalOptions.DEFAULT
            .withPart(option("--queries", queries, RetrievalSet.Part.class))
            .withSeed(seed);
    if (distractorCount < 1) {
      throw wrongUse("--distractor-count must be at least 1, and is " + distractorCount);
    }
    for (double alpha : alphas) {
      if (!(alpha >= 0 && alpha <= 1)) {
        throw wrongUse("--alpha is from 0 to 1, and not " + alpha);
      }
    }
    List<RetrievalSet> sets = paths.stream().map(path -> RetrievalSet.read(path).scoped()).toList();
    if (sets.stream().map(RetrievalSet::name).distinct().count() < sets.size()) {
      throw wrongUse("two of the collections have the same name");
    }
    var warnings = new ArrayList<String>();
    sets.forEach(set -> warnings.addAll(set.notes()));
    var documents =
        new ArrayList<>(sets.stream().flatMap(set -> set.documents().stream()).toList());
    int own = documents.size();
    Path folder = work != null ? work : Files.createTempDirectory("polyseme-retrieval");
    try (Bars bars = bars()) {
      if (distractors != null) {
        Distractors drawn =
            Distractors.draw(
                distractors, documents, distractorCount, seed, bars, terminal.cancel());
        documents.addAll(drawn.documents());
        warnings.addAll(drawn.notes());
      }
      try (RetrievalIndex index =
          RetrievalIndex.build(
              folder, documents, model, encoderOptions(), bars, terminal.cancel())) {
        warnings.addAll(index.warnings());
        RetrievalScores scores =
            new RetrievalTrial(
                    rankers(index), List.of(WORDS, VECTORS), options, bars, terminal.cancel())
                .score(sets);
        show(index.model(), own, documents.size() - own, scores, warnings);
      }
    } finally {
      if (work == null) {
        remove(folder);
      }
    }
  }

  private Map<String, Ranker> rankers(RetrievalIndex index) {
    Map<String, Ranker> rankers = new LinkedHashMap<>();
    rankers.put(
        WORDS, index.ranker(request -> request.withMode(SearchMode.WORDS), terminal.cancel()));
    rankers.put(
        VECTORS, index.ranker(request -> request.withMode(SearchMode.VECTOR), terminal.cancel()));
    rankers.put("hybrid", index.ranker(request -> request, terminal.cancel()));
    rankers.put("hybrid, reciprocal ranks", hybrid(index, RECIPROCAL));
    for (double alpha : alphas) {
      rankers.put("hybrid, alpha " + alpha, hybrid(index, new Fusion.Convex(alpha)));
    }
    return rankers;
  }

  private Ranker hybrid(RetrievalIndex index, Fusion fusion) {
    return index.ranker(
        request -> request.withMode(SearchMode.HYBRID).withFusion(fusion), terminal.cancel());
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void show(
      String name, int own, int added, RetrievalScores scores, List<String> warnings) {
    if (json) {
      var answers = new Answers("evaluate retrieval", paths.toString()).of("model", name);
      var collection = new JsonObject();
      collection.addProperty("documents", own);
      collection.addProperty("distractors", added);
      answers.with("collection", collection);
      scores
          .scores()
          .forEach(
              (mode, list) ->
                  list.forEach(
                      score -> {
                        JsonObject result = answers.result();
                        result.addProperty("mode", mode);
                        describe(result, score);
                      }));
      scores.comparisons().forEach(comparison -> describe(answers.result(), comparison, scores));
      print(answers.warn(warnings).toString());
      return;
    }
    warn(warnings);
    print(
        "model %s, %,d documents%s"
            .formatted(name, own, added == 0 ? "" : " and %,d distractors".formatted(added)));
    List<String> sections =
        scores.scores().get(WORDS).stream().map(Score::section).distinct().toList();
    for (String section : sections) {
      print("");
      print(table(section, scores).lines());
      scores.comparisons().stream()
          .filter(c -> c.section().equals(section) && c.primary())
          .forEach(c -> print(sentence(c)));
    }
  }

  /** With the interval of the set's own measure; all are in the JSON. */
  private static Table table(String section, RetrievalScores scores) {
    String primary =
        scores.comparisons().stream()
            .filter(c -> c.section().equals(section) && c.primary())
            .map(Comparison::metric)
            .findFirst()
            .orElseThrow();
    var table = new Table();
    for (Map.Entry<String, List<Score>> way : scores.scores().entrySet()) {
      List<Score> own = way.getValue().stream().filter(s -> s.section().equals(section)).toList();
      var heading = new ArrayList<String>();
      var row = new ArrayList<String>();
      heading.add("%s: %,d queries".formatted(Table.printable(section), own.getFirst().n()));
      row.add(way.getKey());
      for (Score score : own) {
        heading.add(score.metric());
        row.add(number(score.value()));
        if (score.metric().equals(primary)) {
          heading.add("95 % interval");
          row.add(number(score.low()) + " to " + number(score.high()));
        }
      }
      if (way.getKey().equals(WORDS)) {
        table.row(heading.toArray(String[]::new));
      }
      table.row(row.toArray(String[]::new));
    }
    return table;
  }

  private static String sentence(Comparison c) {
    return "%s against %s: %s %+.4f, 95 %% interval %+.4f to %+.4f, p = %s"
        .formatted(
            c.name(),
            c.other(),
            c.metric(),
            c.difference(),
            c.low(),
            c.high(),
            c.p() < 1e-4 ? "%.0e".formatted(c.p()) : number(c.p()));
  }

  private static void describe(JsonObject result, Comparison c, RetrievalScores scores) {
    Score score =
        scores.scores().get(c.name()).stream()
            .filter(s -> s.section().equals(c.section()) && s.metric().equals(c.metric()))
            .findFirst()
            .orElseThrow();
    result.addProperty("mode", c.name());
    result.addProperty("against", c.other());
    result.addProperty("section", c.section());
    result.addProperty("metric", c.metric() + " difference");
    result.addProperty("primary", c.primary());
    result.addProperty("value", c.difference());
    result.addProperty("low", c.low());
    result.addProperty("high", c.high());
    result.addProperty("p", c.p());
    result.addProperty("coverage", score.coverage());
    result.addProperty("n", score.n());
    result.addProperty("total", score.total());
  }
}
