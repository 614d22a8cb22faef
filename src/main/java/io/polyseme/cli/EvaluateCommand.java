package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.evaluate.AnalogyOptions;
import io.polyseme.evaluate.AnalogyQuestions;
import io.polyseme.evaluate.Evaluation;
import io.polyseme.evaluate.Score;
import io.polyseme.evaluate.SentenceOptions;
import io.polyseme.evaluate.SentencePairs;
import io.polyseme.evaluate.SentenceVectors;
import io.polyseme.evaluate.SimilarityPairs;
import io.polyseme.evaluate.Spelling;
import io.polyseme.evaluate.WordLookup;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.model.Pooling;
import io.polyseme.search.SpaceIndexes;
import io.polyseme.words.WordVectors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "evaluate",
    description = "Score word spaces and encoders by public test sets, with 95 %% intervals.",
    synopsisSubcommandLabel = "COMMAND")
final class EvaluateCommand extends Command {
  EvaluateCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    throw wrongUse(
        "evaluate needs a command: analogies, similarity, coarse, induction, wsd, wic, scws, sts"
            + " or retrieval");
  }

  /** What the tests have in common. */
  abstract static class Evaluate extends Command {
    Evaluate(Terminal terminal) {
      super(terminal);
    }

    static String defaultSpace(String words) {
      return Asked.spaceFor(words);
    }

    WordVectors words(String space) {
      try (Bars bars = bars()) {
        return spaces().open(space, bars, terminal.cancel());
      }
    }

    /**
     * Prints scores.
     *
     * @param test the command's name
     * @param kind {@code space} or {@code model}
     */
    void show(String test, Path path, String kind, String name, Evaluation evaluation) {
      print(test, path, kind, name, evaluation);
      requireScored(List.of(evaluation), name);
    }

    /** A table of dashes is no success. */
    static void requireScored(Collection<Evaluation> evaluations, String name) {
      if (evaluations.stream().flatMap(e -> e.scores().stream()).allMatch(s -> s.n() == 0)) {
        throw new PolysemeException(
            "nothing could be scored: %s has not the words that are needed".formatted(name));
      }
    }

    private void print(String test, Path path, String kind, String name, Evaluation evaluation) {
      if (json) {
        var answers = new Answers("evaluate " + test, path.toString()).of(kind, name);
        evaluation.scores().forEach(score -> describe(answers.result(), score));
        print(answers.warn(evaluation.warnings()).toString());
        return;
      }
      warn(evaluation.warnings());
      print(kind + " " + name);
      print(table(evaluation).lines());
    }

    static Table table(Evaluation evaluation) {
      boolean layers = evaluation.scores().stream().anyMatch(s -> !s.layer().isEmpty());
      var table = new Table();
      table.row(row(layers, "", "layer", "", "value", "95 % interval", "scored"));
      for (Score s : evaluation.scores()) {
        boolean none = Double.isNaN(s.value());
        table.row(
            row(
                layers,
                Table.printable(s.section()),
                s.layer(),
                s.metric(),
                none ? "-" : number(s.value()),
                none ? "-" : number(s.low()) + " to " + number(s.high()),
                s.n() + " of " + s.total()));
      }
      return table;
    }

    private static String[] row(boolean layers, String section, String layer, String... rest) {
      var row = new ArrayList<String>();
      row.add(section);
      if (layers) {
        row.add(layer);
      }
      row.addAll(List.of(rest));
      return row.toArray(String[]::new);
    }

    static void describe(JsonObject result, Score score) {
      result.addProperty("section", score.section());
      if (!score.layer().isEmpty()) {
        result.addProperty("layer", score.layer());
      }
      result.addProperty("metric", score.metric());
      describe(result, "value", score.value());
      describe(result, "low", score.low());
      describe(result, "high", score.high());
      result.addProperty("coverage", score.coverage());
      result.addProperty("n", score.n());
      result.addProperty("total", score.total());
    }

    /** What could not be measured is left out. */
    private static void describe(JsonObject result, String name, double value) {
      if (!Double.isNaN(value)) {
        result.addProperty(name, value);
      }
    }
  }

  @CommandLine.Command(
      name = "analogies",
      description = {
        "Analogy questions (a is to b as c is to what?) over a word space.",
        "PATH is a file with \": section\" lines and under them four words a line, like word2vec's"
            + " questions-words.txt; MSR's word_relationship.questions, with the .answers beside it;"
            + " or a folder of files of pairs, like BATS.",
        "Each figure is given without the inputs among the answers and with them, and for the first"
            + " five answers; questions with a word that the space does not know are skipped and"
            + " counted.",
        "Methods: add (3CosAdd), mul (3CosMul), direction (PairDirection); similar-to-b and"
            + " similar-to-any, the controls, which know of no relation; and avg (3CosAvg) and lrcos"
            + " (LRCos), which learn from the other pairs of the section and are asked a pair, not a"
            + " question, so that their figures have a table of their own."
      },
      footer = {
        "",
        "Examples:",
        "  polyseme evaluate analogies questions-words.txt --method mul",
        "  polyseme evaluate analogies BATS_3.0 --method all --json"
      })
  static final class AnalogySet extends Evaluate {
    @Parameters(paramLabel = "PATH", description = "The file of questions.")
    Path path = Path.of("");

    @Option(
        names = "--space",
        paramLabel = "SPACE",
        description = "A word space: en, zh, another name in the cache, or a file.")
    @Nullable String space;

    @Option(
        names = "--method",
        paramLabel = "METHOD",
        split = ",",
        description =
            "One of the methods, several with commas between, or all (default: ${DEFAULT-VALUE}).")
    List<String> methods = List.of("add");

    @Option(
        names = "--seed",
        paramLabel = "SEED",
        description =
            "For the words that lrcos learns from as no answers (default: ${DEFAULT-VALUE}).")
    long seed = AnalogyOptions.DEFAULT.seed();

    @Option(
        names = "--first",
        paramLabel = "N",
        description = "Know only the first N words of the space (default: all of them).")
    int first;

    @Option(
        names = "--as-written",
        description =
            "Look words up only as they are written (default: otherwise in lower case, and words"
                + " that differ in case count as one).")
    boolean asWritten;

    @Option(
        names = "--hnsw",
        description = "Ask the space's HNSW graph, a search a question (default: every word).")
    boolean hnsw;

    AnalogySet(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      List<AnalogyMethod> how =
          methods.equals(List.of("all"))
              ? List.of(AnalogyMethod.values())
              : methods.stream().map(this::method).toList();
      if (first < 0) {
        throw wrongUse("--first must not be negative, and is " + first);
      }
      if (hnsw && first > 0) {
        throw wrongUse("--hnsw and --first cannot be had together: the graph is of all words");
      }
      if (hnsw && how.stream().anyMatch(m -> m.query().isEmpty())) {
        throw wrongUse("--hnsw answers by add and mul only; the other methods compare every word");
      }
      AnalogyOptions options =
          AnalogyOptions.DEFAULT
              .withThreads(encoderOptions().threads())
              .withMethods(how)
              .withSeed(seed)
              .withFirstWords(first)
              .withSpelling(asWritten ? Spelling.AS_WRITTEN : Spelling.FOLDED);
      AnalogyQuestions questions = AnalogyQuestions.read(path);
      String name =
          space != null
              ? space
              : defaultSpace(
                  questions.sections().stream()
                      .flatMap(section -> section.questions().stream())
                      .flatMap(question -> question.d().stream())
                      .collect(Collectors.joining()));
      try (WordVectors words = words(name)) {
        show(name, score(questions, words, name, options));
      }
    }

    private void show(String name, Map<AnalogyMethod, Evaluation> evaluations) {
      print(name, evaluations);
      requireScored(evaluations.values(), name);
    }

    private void print(String name, Map<AnalogyMethod, Evaluation> evaluations) {
      List<String> warnings =
          evaluations.values().stream().flatMap(e -> e.warnings().stream()).distinct().toList();
      if (json) {
        var answers = new Answers("evaluate analogies", path.toString()).of("space", name);
        evaluations.forEach(
            (method, evaluation) ->
                evaluation
                    .scores()
                    .forEach(
                        score -> {
                          JsonObject result = answers.result();
                          result.addProperty("method", method.id());
                          describe(result, score);
                        }));
        print(answers.warn(warnings).toString());
        return;
      }
      warn(warnings);
      print("space " + name);
      for (boolean learned : new boolean[] {false, true}) {
        Map<AnalogyMethod, Evaluation> some = new EnumMap<>(AnalogyMethod.class);
        evaluations.forEach(
            (method, evaluation) -> {
              if (method.learned() == learned) {
                some.put(method, evaluation);
              }
            });
        if (!some.isEmpty()) {
          if (learned) {
            print("learned from the other pairs of a section, and asked a pair:");
          }
          print(table(some).lines());
        }
      }
    }

    private static Table table(Map<AnalogyMethod, Evaluation> evaluations) {
      var table = new Table();
      table.row("", "", "accuracy", "95 % interval", "inputs kept", "top 5", "scored");
      List<String> sections =
          evaluations.values().iterator().next().scores().stream()
              .map(Score::section)
              .distinct()
              .toList();
      for (String section : sections) {
        evaluations.forEach(
            (method, evaluation) -> {
              Score s = evaluation.score(section, AnalogyQuestions.ACCURACY);
              boolean none = Double.isNaN(s.value());
              table.row(
                  Table.printable(section),
                  method.toString(),
                  none ? "-" : number(s.value()),
                  none ? "-" : number(s.low()) + " to " + number(s.high()),
                  shown(evaluation.score(section, AnalogyQuestions.INPUTS_KEPT)),
                  shown(evaluation.score(section, AnalogyQuestions.TOP_5)),
                  s.n() + " of " + s.total());
            });
      }
      return table;
    }

    private static String shown(Score score) {
      return Double.isNaN(score.value()) ? "-" : number(score.value());
    }

    private Map<AnalogyMethod, Evaluation> score(
        AnalogyQuestions questions, WordVectors words, String name, AnalogyOptions options) {
      try (Bars bars = bars()) {
        if (!hnsw) {
          return questions.score(words, options, bars, terminal.cancel());
        }
        try (VectorIndex twin =
            SpaceIndexes.open(words, spaces().file(name), bars, terminal.cancel())) {
          return questions.scoreBySearch(twin, options, bars, terminal.cancel());
        }
      }
    }
  }

  @CommandLine.Command(
      name = "similarity",
      description = {
        "How far cosines agree with people on how alike two words are.",
        "A file has two words and a score a line: WordSim-353, RG-65, SimLex-999, MEN, RareWords,"
            + " SCWS (its words without their contexts) and their kin."
            + " Over a word space, or with --model over an encoder that is given each word alone."
      },
      footer = {
        "",
        "Examples:",
        "  polyseme evaluate similarity wordsim353.txt",
        "  polyseme evaluate similarity similarity/ --model all-minilm-l6-v2 --layer 1"
      })
  static final class SimilaritySet extends Evaluate {
    @Parameters(paramLabel = "PATH", description = "A file, or a folder of files.")
    Path path = Path.of("");

    @Option(
        names = "--space",
        paramLabel = "SPACE",
        description = "A word space: en, zh, another name in the cache, or a file.")
    @Nullable String space;

    @Option(names = "--model", paramLabel = "MODEL", description = "An encoder, in its place.")
    @Nullable String model;

    @Option(
        names = "--layer",
        paramLabel = "LAYER",
        description =
            "With --model, the layer, or several joined, as sum(1,2) (default: ${DEFAULT-VALUE}).")
    String layer = "last";

    @Option(
        names = "--seed",
        paramLabel = "SEED",
        description = "For the intervals, by bootstrap (default: ${DEFAULT-VALUE}).")
    long seed = 1;

    SimilaritySet(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      if (space != null && model != null) {
        throw wrongUse("--space and --model cannot both be scored");
      }
      Layers layers = Layers.parse(layer);
      List<SimilarityPairs> sets = SimilarityPairs.readAll(path);
      var evaluations = new ArrayList<Evaluation>();
      if (model != null) {
        try (Encoder encoder = Encoder.open(model(model), encoderOptions())) {
          WordLookup lookup =
              WordLookup.resolving(
                  encoder.wordResolver(EncodeRequest.ofWords().withLayers(layers)));
          sets.forEach(set -> evaluations.add(score(set, lookup)));
        }
        show("similarity", path, "model", model, together(evaluations));
        return;
      }
      Set<String> names = new LinkedHashSet<>();
      for (SimilarityPairs set : sets) {
        String name =
            space != null
                ? space
                : defaultSpace(
                    set.pairs().stream()
                        .map(SimilarityPairs.Pair::first)
                        .collect(Collectors.joining()));
        names.add(name);
        try (WordVectors words = words(name)) {
          evaluations.add(score(set, WordLookup.labels(words).spelled(Spelling.FOLDED)));
        }
      }
      show("similarity", path, "space", String.join(", ", names), together(evaluations));
    }

    private Evaluation score(SimilarityPairs set, WordLookup lookup) {
      try (Bars bars = bars()) {
        return set.score(lookup, seed, bars, terminal.cancel());
      }
    }

    private static Evaluation together(List<Evaluation> evaluations) {
      return new Evaluation(
          evaluations.stream().flatMap(e -> e.scores().stream()).toList(),
          evaluations.stream().flatMap(e -> e.warnings().stream()).toList());
    }
  }

  @CommandLine.Command(
      name = "sts",
      description = {
        "How far cosines agree with people on how alike two sentences are: Spearman's correlation,"
            + " and Pearson's.",
        "A file is known by its columns: STS-B; SemEval's STS tasks (a score and two sentences, or"
            + " STS.input.X.txt with STS.gs.X.txt beside it); SICK; two sentences and a score, as"
            + " the Chinese STS-B, LCQMC and AFQMC have; columns named by a heading; JSON lines. In"
            + " a folder, what is none of these is passed over with a note.",
        "The files of one SemEval year are put together, as the field does: their figure is called"
            + " \"all\". The mean is over years and other sets, not over a year's files."
      },
      footer = {
        "",
        "Examples:",
        "  polyseme evaluate sts stsbenchmark/sts-dev.csv",
        "  polyseme evaluate sts sts/2012 sts/2013 SICK.txt --model all-minilm-l6-v2 --json",
        "  polyseme evaluate sts stsbenchmark/sts-dev.csv --layer all --pool mean"
      })
  static final class SentenceSet extends Evaluate {
    @Parameters(
        arity = "1..*",
        paramLabel = "PATH",
        description = "Files, or folders with the folders in them.")
    List<Path> paths = new ArrayList<>();

    @Option(
        names = "--model",
        paramLabel = "MODEL",
        description = "The encoder (default: by the script of each set).")
    @Nullable String model;

    @Option(
        names = "--layer",
        paramLabel = "LAYER",
        description =
            "Layers: all, last, 4, 0-3, sum(1,2), mean(last4) (default: ${DEFAULT-VALUE}).")
    String layer = "last";

    @Option(
        names = "--pool",
        paramLabel = "POOLING",
        description =
            "How a sentence's tokens become one vector: mean, cls, max (default: the model's own"
                + " way).")
    @Nullable String pool;

    @Option(
        names = "--seed",
        paramLabel = "SEED",
        description = "For the intervals, by bootstrap (default: ${DEFAULT-VALUE}).")
    long seed = SentenceOptions.DEFAULT.seed();

    SentenceSet(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      EncodeRequest request = EncodeRequest.ofSentences().withLayers(Layers.parse(layer));
      if (pool != null) {
        request = request.withSentencePooling(option("--pool", pool, Pooling.class));
      }
      SentencePairs all = SentencePairs.read(paths);
      Map<String, List<SentencePairs.Section>> byModel = new LinkedHashMap<>();
      for (SentencePairs.Section section : all.sections()) {
        byModel
            .computeIfAbsent(model == null ? defaultModel(section) : model, _ -> new ArrayList<>())
            .add(section);
      }
      Map<String, Evaluation> evaluations = new LinkedHashMap<>();
      for (var sets : byModel.entrySet()) {
        var some = new SentencePairs(sets.getValue(), List.of());
        evaluations.put(sets.getKey(), score(some, sets.getKey(), request));
      }
      show(evaluations, all.notes());
    }

    private static String defaultModel(SentencePairs.Section section) {
      return ModelStore.defaultFor(
          section.pairs().stream()
              .map(pair -> pair.first() + pair.second())
              .collect(Collectors.joining()));
    }

    private Evaluation score(SentencePairs sets, String name, EncodeRequest request) {
      try (Encoder encoder = Encoder.open(model(name), encoderOptions());
          Bars bars = bars()) {
        var paced = new Paced(SentenceVectors.of(encoder, request));
        Evaluation evaluation =
            sets.score(paced, SentenceOptions.DEFAULT.withSeed(seed), bars, terminal.cancel());
        bars.clear();
        if (!quiet) {
          terminal.err().println(name + ": " + paced);
        }
        return evaluation;
      }
    }

    /** The figures of one model, or of one for each script. */
    private void show(Map<String, Evaluation> evaluations, List<String> notes) {
      if (!json) {
        warn(notes);
        evaluations.forEach(
            (name, evaluation) -> {
              warn(evaluation.warnings());
              print("model " + name);
              print(table(evaluation).lines());
            });
        return;
      }
      var answers =
          new Answers(
                  "evaluate sts",
                  paths.stream().map(Path::toString).collect(Collectors.joining(" ")))
              .of("model", String.join(", ", evaluations.keySet()))
              .warn(notes);
      evaluations.forEach(
          (name, evaluation) -> {
            for (Score score : evaluation.scores()) {
              JsonObject result = answers.result();
              result.addProperty("model", name);
              describe(result, score);
            }
            answers.warn(evaluation.warnings().stream().map(w -> name + ": " + w).toList());
          });
      print(answers.toString());
    }
  }
}
