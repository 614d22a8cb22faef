package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.PiecePooling;
import io.polyseme.evaluate.AnalogyOptions;
import io.polyseme.evaluate.AnalogyQuestions;
import io.polyseme.evaluate.CoarseOptions;
import io.polyseme.evaluate.CoarseSenses;
import io.polyseme.evaluate.ContextVectors;
import io.polyseme.evaluate.Evaluation;
import io.polyseme.evaluate.Score;
import io.polyseme.evaluate.SimilarityPairs;
import io.polyseme.evaluate.Spelling;
import io.polyseme.evaluate.WordLookup;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.search.SpaceIndexes;
import io.polyseme.train.WordSpaces;
import io.polyseme.vector.Method;
import io.polyseme.words.WordVectors;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code polyseme evaluate}: public test sets. */
@Command(
    name = "evaluate",
    description = "Score word spaces and encoders by public test sets.",
    subcommands = {
      EvaluateCommand.AnalogiesCommand.class,
      EvaluateCommand.SimilarityCommand.class,
      EvaluateCommand.CoarseCommand.class
    })
final class EvaluateCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "say what to evaluate: " + String.join(", ", spec.subcommands().keySet()));
  }

  /** What the subcommands have in common. */
  abstract static class Evaluate implements Callable<Integer> {
    @Spec CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Option(names = "--threads", paramLabel = "N", description = "How many threads work at once.")
    int threads = Runtime.getRuntime().availableProcessors();

    Progress progress() {
      return Progress.NONE;
    }

    /** {@code en} or {@code zh}, whichever most of the words are. */
    static String defaultSpace(String words) {
      return ModelStore.defaultFor(words).contains("-zh") ? "zh" : "en";
    }

    WordVectors words(String space) {
      return spaces().open(space, progress(), Cancel.create());
    }

    WordSpaces spaces() {
      return new WordSpaces(ModelStore.standard(), encoding());
    }

    Encoder encoder(String model) {
      return Encoder.open(
          ModelStore.standard().open(model, progress(), Cancel.create()), encoding());
    }

    private EncoderOptions encoding() {
      return EncoderOptions.DEFAULT.withThreads(threads);
    }

    /**
     * Prints the scores.
     *
     * @param by "space" or "model"
     */
    int print(String query, String by, String name, List<Score> scores, List<String> warnings) {
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        var object = new JsonObject();
        object.addProperty("command", spec.parent().name() + " " + spec.name());
        object.addProperty("query", query);
        object.addProperty(by, name);
        object.add("results", ScoreTable.json(scores));
        var array = new JsonArray();
        warnings.forEach(array::add);
        object.add("warnings", array);
        out.println(object);
      } else {
        out.println(by + " " + name);
        ScoreTable.lines(scores).forEach(out::println);
        warnings.forEach(w -> spec.commandLine().getErr().println("warning: " + w));
      }
      out.flush();
      return 0;
    }
  }

  @Command(
      name = "analogies",
      description = {
        "Analogy questions (a is to b as c is to ?) over a word space.",
        "PATH is a file like word2vec's questions-words.txt: \": section\" lines, and under them"
            + " four words a line. The inputs are no answers; questions with a word that the space"
            + " does not know are skipped and counted."
      })
  static final class AnalogiesCommand extends Evaluate {
    @Parameters(paramLabel = "PATH", description = "The file of questions.")
    Path path;

    @Option(names = "--space", description = "A word space: en, zh, another in the cache, a path.")
    @Nullable String space;

    @Option(names = "--method", description = "add (3CosAdd, the default) or mul (3CosMul).")
    String method = "add";

    @Option(
        names = "--first",
        paramLabel = "N",
        description = "Know only the first N words of the space; 0 for all.")
    int first;

    @Option(
        names = "--as-written",
        description = "Look words up as they are written, not in lower case too.")
    boolean asWritten;

    @Option(
        names = "--hnsw",
        description = "Ask the space's HNSW index, a query a question, not every word.")
    boolean hnsw;

    @Override
    public Integer call() {
      AnalogyOptions options =
          AnalogyOptions.DEFAULT
              .withThreads(threads)
              .withFirstWords(first)
              .withSpelling(asWritten ? Spelling.AS_WRITTEN : Spelling.FOLDED)
              .withMethod(
                  switch (method) {
                    case "add" -> Method.COS_ADD;
                    case "mul" -> Method.COS_MUL;
                    default ->
                        throw new ParameterException(
                            spec.commandLine(), "--method is add or mul, not " + method);
                  });
      AnalogyQuestions questions = AnalogyQuestions.read(path);
      String name =
          space != null
              ? space
              : defaultSpace(
                  questions.sections().stream()
                      .flatMap(section -> section.questions().stream())
                      .map(AnalogyQuestions.Question::d)
                      .collect(Collectors.joining()));
      try (WordVectors words = words(name)) {
        Evaluation evaluation;
        if (hnsw) {
          Path file = spaces().file(name);
          try (VectorIndex index = SpaceIndexes.open(words, file, progress(), Cancel.create())) {
            evaluation = questions.score(index, options, progress(), Cancel.create());
          }
        } else {
          evaluation = questions.score(words, words.labels(), options, progress(), Cancel.create());
        }
        return print(path.toString(), "space", name, evaluation.scores(), evaluation.warnings());
      }
    }
  }

  @Command(
      name = "similarity",
      description = {
        "How far cosines agree with people on how alike two words are.",
        "PATH is a file of two words and a score a line (WordSim-353, RG-65, SimLex-999 and their"
            + " kin), or a folder of such files. Over a word space, or with --model over an encoder"
            + " that is given each word alone."
      })
  static final class SimilarityCommand extends Evaluate {
    @Parameters(paramLabel = "PATH", description = "A file, or a folder of files.")
    Path path;

    @ArgGroup(exclusive = true)
    @Nullable Source source;

    @Option(
        names = "--layer",
        paramLabel = "L",
        description = "With --model: the layer, or several joined, as sum(1,2).")
    String layer = "last";

    static final class Source {
      @Option(
          names = "--space",
          description = "A word space: en, zh, another in the cache, a path.")
      @Nullable String space;

      @Option(names = "--model", description = "An encoder.")
      @Nullable String model;
    }

    @Override
    public Integer call() {
      Layers layers = Layers.parse(layer);
      var scores = new ArrayList<Score>();
      var warnings = new ArrayList<String>();
      List<SimilarityPairs> sets = SimilarityPairs.readAll(path);
      if (source != null && source.model != null) {
        try (Encoder encoder = encoder(source.model)) {
          WordLookup lookup =
              WordLookup.resolving(
                  encoder.wordResolver(EncodeRequest.ofWords().withLayers(layers)));
          sets.forEach(set -> score(set, lookup, scores, warnings));
          return print(path.toString(), "model", source.model, scores, warnings);
        }
      }
      var names = new ArrayList<String>();
      for (SimilarityPairs set : sets) {
        String name =
            source != null && source.space != null
                ? source.space
                : defaultSpace(
                    set.pairs().stream()
                        .map(SimilarityPairs.Pair::first)
                        .collect(Collectors.joining()));
        if (!names.contains(name)) {
          names.add(name);
        }
        try (WordVectors words = words(name)) {
          score(set, WordLookup.labels(words).spelled(Spelling.FOLDED), scores, warnings);
        }
      }
      return print(path.toString(), "space", String.join(", ", names), scores, warnings);
    }

    private void score(
        SimilarityPairs set, WordLookup lookup, List<Score> scores, List<String> warnings) {
      Evaluation evaluation = set.score(lookup, progress(), Cancel.create());
      scores.addAll(evaluation.scores());
      warnings.addAll(evaluation.warnings());
    }
  }

  @Command(
      name = "coarse",
      description = {
        "Coarse senses of words in context, layer by layer: 1-NN over sense means.",
        "PATH is a folder of CoarseWSD-20, or of one of its words: classes_map.txt, and"
            + " train.data.txt, train.gold.txt, test.data.txt, test.gold.txt with a token's index,"
            + " a tab and a text, and a sense's number, a line."
      })
  static final class CoarseCommand extends Evaluate {
    @Parameters(paramLabel = "PATH", description = "The set's folder, or one word's.")
    Path path;

    @Option(
        names = "--words",
        split = ",",
        paramLabel = "WORD",
        description = "Only these of the words, with commas between.")
    List<String> words = List.of();

    @Option(names = "--model", description = "The encoder.")
    @Nullable String model;

    @Option(
        names = "--layer",
        paramLabel = "L",
        description = "Layers: all of them (the default), last, 4, 0-3, sum(1,2), mean(last4).")
    String layer = "all";

    @Option(
        names = "--pool",
        description = "How word pieces become a word: ${COMPLETION-CANDIDATES}.")
    PiecePooling pool = PiecePooling.MEAN;

    @Option(
        names = "--examples",
        paramLabel = "N",
        description = "Learn each sense from N texts, drawn by the seed; 0 for all.")
    int examples;

    @Option(names = "--seed", description = "For drawing texts, and for the intervals.")
    long seed = CoarseOptions.DEFAULT.seed();

    @Override
    public Integer call() {
      Layers layers = Layers.parse(layer);
      CoarseOptions options = CoarseOptions.DEFAULT.withExamples(examples).withSeed(seed);
      CoarseSenses set = CoarseSenses.read(path, words);
      String name = model != null ? model : ModelStore.defaultFor(set.words().getFirst().name());
      try (Encoder encoder = encoder(name)) {
        EncodeRequest request = EncodeRequest.ofWords().withLayers(layers).withPiecePooling(pool);
        Evaluation evaluation =
            set.score(ContextVectors.of(encoder, request), options, progress(), Cancel.create());
        return print(path.toString(), "model", name, evaluation.scores(), evaluation.warnings());
      }
    }
  }
}
