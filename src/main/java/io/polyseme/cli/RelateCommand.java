package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Layers;
import io.polyseme.relation.LearnedRelation;
import io.polyseme.relation.RelationMethod;
import io.polyseme.relation.RelationReport;
import io.polyseme.relation.RelationScore;
import io.polyseme.relation.RelationTrial;
import io.polyseme.relation.WordPair;
import io.polyseme.relation.WordStates;
import io.polyseme.vector.TopK;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "relate",
    description = {
      "Relations by arithmetic in hidden states: from pairs such as country and capital an offset or a"
          + " linear map is learned at each layer, and applied to another word (--to), or measured on"
          + " held-out pairs (--evaluate).",
      "The pairs are a file \"word<tab>answer\" a line, or a section of analogy questions (--section),"
          + " whose pairs a b and c d are taken. Of several answers, with slashes between, the first"
          + " counts."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme relate --pairs capitals.tsv --to Peru",
      "  polyseme relate --pairs capitals.tsv --to Peru --layer all --method linear",
      "  polyseme relate --pairs capitals.tsv --to Peru --space en",
      "  polyseme relate --pairs capitals.tsv --evaluate --space en --html capitals.html",
      "  polyseme relate --pairs questions-words.txt --section capital-world --reverse --evaluate"
    })
final class RelateCommand extends RelateAsked {
  @Option(names = "--to", paramLabel = "WORD", description = "What is asked about.")
  @Nullable String to;

  @Option(names = "--evaluate", description = "Measure the relation on held-out pairs, by layer.")
  boolean evaluate;

  @Option(
      names = "--space",
      split = ",",
      paramLabel = "SPACE",
      description =
          "With --to: a word space in place of a model. With --evaluate: word spaces beside it.")
  List<String> spaces = List.of();

  @Option(
      names = "--layer",
      paramLabel = "L",
      description =
          "The layer, several, or all (default: with --to, where held-out pairs are found best; with"
              + " --evaluate, all).")
  @Nullable String layer;

  @Option(
      names = "--method",
      paramLabel = "M",
      description =
          "offset, linear, or source (nothing is learned; a control) (default: offset; with"
              + " --evaluate, all).")
  @Nullable String method;

  @Option(names = "--all-words", description = "With --to and --space: any word can be an answer.")
  boolean allWords;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many answers (default: ${DEFAULT-VALUE}).")
  int top = 5;

  @Option(
      names = "--folds",
      paramLabel = "N",
      description = "Into how many parts the pairs are divided (default: ${DEFAULT-VALUE}).")
  int folds = 5;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the division and of what is shuffled (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "With --evaluate: also write a page with charts.")
  @Nullable Path html;

  RelateCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (evaluate == (to != null)) {
      throw wrongUse("ask about a word by --to, or measure the relation by --evaluate");
    }
    if (top < 1) {
      throw wrongUse("--top must be at least 1, and is " + top);
    }
    if (folds < 2) {
      throw wrongUse("--folds must be at least 2, and is " + folds);
    }
    if (allWords && (evaluate || spaces.isEmpty() || !candidates.equals("targets"))) {
      throw wrongUse("--all-words goes with --to and --space, and without --candidates");
    }
    Read read = read();
    if (to == null) {
      evaluate(read.pairs(), read.others());
    } else {
      ask(read.pairs(), read.others(), to.strip());
    }
  }

  private RelationTrial trial(List<WordPair> of, Set<String> others, Set<RelationMethod> methods) {
    return RelationTrial.of(of)
        .withOthers(others)
        .withMethods(methods)
        .withFolds(folds)
        .withSeed(seed)
        .withThreads(encoderOptions().threads());
  }

  private void evaluate(List<WordPair> of, Set<String> others) throws IOException {
    RelationTrial trial =
        trial(
            of,
            others,
            method == null
                ? Set.of(RelationMethod.values())
                : Set.of(RelationMethod.SOURCE, chosenMethod()));
    var states = new ArrayList<WordStates>();
    states.add(states(trial.words(), Layers.parse(layer == null ? "all" : layer)));
    for (String name : spaces) {
      try (WordVectors space = openSpace(name)) {
        states.add(states(name, space, trial.words()));
      }
    }
    RelationReport report;
    try (Bars bars = bars()) {
      report = trial.measure(states, bars, terminal.cancel());
    }
    new RelationShown(title(), trial, report).show(this, html);
  }

  private String title() {
    return section == null ? pairs.toString() : section;
  }

  private RelationMethod chosenMethod() {
    return method == null
        ? RelationMethod.OFFSET
        : option("--method", method, RelationMethod.class);
  }

  private void ask(List<WordPair> all, Set<String> others, String word) {
    List<WordPair> known = all.stream().filter(it -> !it.source().equalsIgnoreCase(word)).toList();
    var warnings = new ArrayList<String>();
    if (known.size() < all.size()) {
      warnings.add("\"%s\" is in the pairs, and nothing is learned from that pair".formatted(word));
    }
    if (known.isEmpty()) {
      throw new PolysemeException(pairs + " has no pair of other words to learn from");
    }
    Set<String> answers = new LinkedHashSet<>();
    if (!isFile()) {
      all.forEach(it -> answers.add(it.target()));
    }
    answers.addAll(others);
    Set<String> words = new LinkedHashSet<>(answers);
    known.forEach(it -> words.addAll(List.of(it.source(), it.target())));
    words.add(word);
    if (spaces.size() > 1 || !spaces.isEmpty() && model != null) {
      throw wrongUse("with --to there is one model, or one --space");
    }
    if (spaces.isEmpty()) {
      askModel(known, word, answers, words, warnings);
      return;
    }
    if (layer != null) {
      throw wrongUse("a word space has no --layer");
    }
    String name = spaces.getFirst();
    try (WordVectors space = openSpace(name)) {
      WordStates states = states(name, space, words);
      if (!states.has(word)) {
        throw new PolysemeException("\"%s\" is not in %s".formatted(word, name));
      }
      LearnedRelation relation = learn(known, states, 0, warnings);
      List<Answer> found =
          allWords
              ? best(relation, states.vector(0, word), space, word)
              : best(relation, states, 0, word, answers, warnings);
      show(word, "space", name, List.of(new Layer("", found)), warnings);
    }
  }

  private void askModel(
      List<WordPair> known,
      String word,
      Set<String> answers,
      Set<String> words,
      List<String> warnings) {
    WordStates states = states(words, Layers.parse(layer == null ? "all" : layer));
    var layers = new ArrayList<Layer>();
    if (layer == null) {
      if (known.size() < RelationTrial.LEAST_PAIRS) {
        throw new PolysemeException(
            "there are %d pairs, and the best layer is found by %d or more: give more, or say which by --layer"
                .formatted(known.size(), RelationTrial.LEAST_PAIRS));
      }
      RelationReport report;
      try (Bars bars = bars()) {
        report =
            trial(known, answers, Set.of(chosenMethod()))
                .measure(List.of(states), bars, terminal.cancel());
      }
      RelationScore best =
          report.scores().stream()
              .filter(it -> !it.shuffled() && !it.apart())
              .max(Comparator.comparingDouble(it -> it.reciprocal().value()))
              .orElseThrow();
      warnings.add(
          String.format(
              Locale.ROOT,
              "layer %s, where %.0f %% of held-out pairs are found first, and the mean reciprocal"
                  + " rank is best, %.3f; it was chosen by these pairs, --evaluate chooses by others",
              best.layer(),
              100 * best.hitAt1().value(),
              best.reciprocal().value()));
      layers.add(answered(known, states, states.layers().indexOf(best.layer()), word, answers));
    } else {
      for (int i = 0; i < states.layers().size(); i++) {
        layers.add(answered(known, states, i, word, answers));
      }
    }
    show(word, "model", states.name(), layers, warnings);
  }

  private record Answer(String word, double score) {}

  private record Layer(String name, List<Answer> answers) {}

  private Layer answered(
      List<WordPair> known, WordStates states, int at, String word, Set<String> answers) {
    var none = new ArrayList<String>();
    return new Layer(
        states.layers().get(at),
        best(learn(known, states, at, none), states, at, word, answers, none));
  }

  private LearnedRelation learn(
      List<WordPair> known, WordStates states, int at, List<String> warnings) {
    List<WordPair> had =
        known.stream().filter(it -> states.has(it.source()) && states.has(it.target())).toList();
    if (had.size() < known.size()) {
      warnings.add(
          "%d of %d pairs have an unknown word".formatted(known.size() - had.size(), known.size()));
    }
    RelationMethod how = chosenMethod();
    int least = how == RelationMethod.LINEAR ? LearnedRelation.LEAST_FOR_LINEAR : 1;
    if (had.size() < least) {
      throw new PolysemeException(
          "%d pairs can be learned from, and %s needs %d: give more"
              .formatted(had.size(), how.name().toLowerCase(Locale.ROOT), least));
    }
    return LearnedRelation.learn(
        had.stream().map(it -> states.vector(at, it.source())).toList(),
        had.stream().map(it -> states.vector(at, it.target())).toList(),
        how);
  }

  private List<Answer> best(
      LearnedRelation relation,
      WordStates states,
      int at,
      String word,
      Set<String> answers,
      List<String> warnings) {
    List<String> names =
        answers.stream().filter(it -> states.has(it) && !it.equalsIgnoreCase(word)).toList();
    if (names.isEmpty()) {
      throw new PolysemeException("no candidate is in " + states.name());
    }
    long unknown = answers.stream().filter(it -> !states.has(it)).count();
    if (unknown > 0) {
      warnings.add("%d of %d candidates are unknown".formatted(unknown, answers.size()));
    }
    double[] scores =
        relation.scores(
            states.vector(at, word), names.stream().map(it -> states.vector(at, it)).toList());
    var found = new TopK(top, Integer::compare);
    for (int i = 0; i < scores.length; i++) {
      found.offer(i, scores[i]);
    }
    return answers(found, names);
  }

  private List<Answer> best(
      LearnedRelation relation, float[] source, WordVectors space, String word) {
    var found = new TopK(top, Integer::compare);
    float[] vector = new float[space.dimension()];
    for (int row = 0; row < space.size(); row++) {
      if (row % 1000 == 0) {
        terminal.cancel().check();
      }
      if (!space.label(row).equalsIgnoreCase(word)) {
        space.copyRow(row, vector);
        found.offer(row, relation.scores(source, List.of(vector))[0]);
      }
    }
    TopK.Best best = found.drain();
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < best.rows().length; i++) {
      answers.add(new Answer(space.label(best.rows()[i]), best.scores()[i]));
    }
    return answers;
  }

  private static List<Answer> answers(TopK found, List<String> names) {
    TopK.Best best = found.drain();
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < best.rows().length; i++) {
      answers.add(new Answer(names.get(best.rows()[i]), best.scores()[i]));
    }
    return answers;
  }

  private void show(
      String word, String kind, String name, List<Layer> layers, List<String> warnings) {
    if (json) {
      var answers = new Answers("relate", word).of(kind, name).warn(warnings);
      for (Layer it : layers) {
        int rank = 0;
        for (Answer answer : it.answers()) {
          JsonObject result = answers.result();
          result.addProperty("rank", ++rank);
          result.addProperty("label", answer.word());
          result.addProperty("score", answer.score());
          if (!it.name().isEmpty()) {
            result.addProperty("layer", it.name());
          }
        }
      }
      print(answers.toString());
      return;
    }
    warn(warnings);
    var table = new Table();
    if (layers.size() == 1) {
      int rank = 0;
      for (Answer answer : layers.getFirst().answers()) {
        table.row(
            Integer.toString(++rank),
            String.format(Locale.ROOT, "%.3f", answer.score()),
            Table.printable(answer.word()));
      }
    } else {
      for (Layer it : layers) {
        var row = new ArrayList<String>(List.of("layer " + it.name()));
        it.answers()
            .forEach(
                answer ->
                    row.add(
                        String.format(
                            Locale.ROOT,
                            "%s %.3f",
                            Table.printable(answer.word()),
                            answer.score())));
        table.row(row.toArray(String[]::new));
      }
    }
    print(table.lines());
  }
}
