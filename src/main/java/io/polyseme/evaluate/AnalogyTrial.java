package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.analogy.AnalogyScan;
import io.polyseme.analogy.Relation;
import io.polyseme.evaluate.AnalogyOutcomes.Outcome;
import io.polyseme.evaluate.AnalogyQuestions.Question;
import io.polyseme.evaluate.AnalogyQuestions.Section;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Analogy questions against every word, in one scan. Each question keeps as many of its best as
 * there are labels of its inputs and {@link AnalogyOutcomes#TOP} more, so that what comes first
 * with the inputs and without them is both told from one list.
 */
final class AnalogyTrial {
  private final AnalogyQuestions set;
  private final LabelledRows rows;
  private final int size;
  private final AnalogyOptions options;
  private final Spelling spelling;
  private final AnalogyScan scan;

  /** How many labels have each key that a word of the questions has. */
  private final Map<String, Integer> labels = new HashMap<>();

  private final Map<String, Optional<Known>> known = new HashMap<>();
  private final Map<Integer, Known> knownRows = new HashMap<>();
  private final List<Asked> asked = new ArrayList<>();

  /**
   * A word of the questions that has a row.
   *
   * @param number of its vector in the scan
   */
  private record Known(int number, String key, float[] vector) {}

  /** A question of the scan, whose number is its place in the list. */
  private record Asked(
      AnalogyMethod method, int section, int place, Set<String> inputs, Set<String> right) {}

  /** A pair of a relation: its source, its targets, and the first target that is known. */
  private record Pair(Known source, Known target, Set<String> right) {}

  AnalogyTrial(AnalogyQuestions set, LabelledRows rows, AnalogyOptions options) {
    this.set = set;
    this.rows = rows;
    this.size =
        options.firstWords() == 0 ? rows.size() : Math.min(options.firstWords(), rows.size());
    this.options = options;
    this.spelling = options.spelling();
    this.scan = new AnalogyScan(rows, size);
  }

  Map<AnalogyMethod, Evaluation> run(Progress progress, Cancel cancel) {
    countLabels();
    var outcomes = new EnumMap<AnalogyMethod, List<List<Outcome>>>(AnalogyMethod.class);
    for (AnalogyMethod method : options.methods()) {
      var ofMethod = new ArrayList<List<Outcome>>();
      for (int s = 0; s < set.sections().size(); s++) {
        cancel.check();
        ofMethod.add(method.learned() ? askPairs(method, s, cancel) : askQuestions(method, s));
      }
      outcomes.put(method, ofMethod);
    }
    List<TopK.Best> best = scan.best(options.threads(), progress, cancel);
    for (int q = 0; q < best.size(); q++) {
      Asked question = asked.get(q);
      List<String> keys =
          Arrays.stream(best.get(q).rows()).mapToObj(row -> spelling.key(rows.label(row))).toList();
      outcomes
          .get(question.method)
          .get(question.section)
          .set(question.place, AnalogyOutcomes.judge(keys, question.inputs, question.right));
    }
    var evaluations = new EnumMap<AnalogyMethod, Evaluation>(AnalogyMethod.class);
    outcomes.forEach(
        (method, ofMethod) ->
            evaluations.put(
                method,
                AnalogyOutcomes.evaluate(
                    set.sections(), ofMethod, method.learned() ? "pairs" : "questions")));
    return evaluations;
  }

  private void countLabels() {
    for (Section section : set.sections()) {
      for (Question question : section.questions()) {
        labels.put(spelling.key(question.a()), 0);
        labels.put(spelling.key(question.b()), 0);
        labels.put(spelling.key(question.c()), 0);
        question.d().forEach(d -> labels.put(spelling.key(d), 0));
      }
    }
    for (int row = 0; row < size; row++) {
      labels.computeIfPresent(spelling.key(rows.label(row)), (_, n) -> n + 1);
    }
  }

  private Optional<Known> find(String word) {
    return known.computeIfAbsent(word, this::lookUp);
  }

  private Optional<Known> lookUp(String word) {
    int row = -1;
    for (String label : List.of(word, spelling.key(word))) {
      row = row < 0 || row >= size ? rows.row(label) : row;
    }
    if (row < 0 || row >= size) {
      return Optional.empty();
    }
    Known seen = knownRows.get(row);
    if (seen != null) {
      return Optional.of(seen);
    }
    var vector = new float[rows.dimension()];
    rows.copyRow(row, vector);
    if (Directions.unit(vector).isEmpty()) {
      return Optional.empty();
    }
    Known found = new Known(scan.add(vector), spelling.key(word), vector);
    knownRows.put(row, found);
    return Optional.of(found);
  }

  private Set<String> keys(Collection<String> words) {
    return words.stream().map(spelling::key).collect(Collectors.toSet());
  }

  private int keep(Set<String> inputs) {
    return AnalogyOutcomes.TOP + inputs.stream().mapToInt(labels::get).sum();
  }

  /** Asks a section's questions; what becomes of those that are not skipped is seen later. */
  private List<Outcome> askQuestions(AnalogyMethod method, int section) {
    var outcomes = new ArrayList<Outcome>();
    for (Question question : set.sections().get(section).questions()) {
      Optional<Known> a = find(question.a());
      Optional<Known> b = find(question.b());
      Optional<Known> c = find(question.c());
      if (a.isPresent()
          && b.isPresent()
          && c.isPresent()
          && question.d().stream().anyMatch(d -> find(d).isPresent())) {
        Set<String> inputs = new LinkedHashSet<>(List.of(a.get().key, b.get().key, c.get().key));
        asked.add(new Asked(method, section, outcomes.size(), inputs, keys(question.d())));
        scan.ask(
            method, a.get().number, b.get().number, c.get().number, keep(inputs), AnalogyScan.ANY);
      }
      outcomes.add(Outcome.SKIPPED);
    }
    return outcomes;
  }

  /** Asks each pair of a section, by what is learned from the others. */
  private List<Outcome> askPairs(AnalogyMethod method, int section, Cancel cancel) {
    List<Optional<Pair>> pairs = pairs(set.sections().get(section));
    List<Pair> found = pairs.stream().flatMap(Optional::stream).toList();
    List<float[]> others = method == AnalogyMethod.LR_COS ? others(section, found) : List.of();
    List<Optional<Relation>> relations =
        pairs.parallelStream()
            .map(
                pair -> {
                  cancel.check();
                  return pair.flatMap(p -> learn(method, p, found, others));
                })
            .toList();
    var outcomes = new ArrayList<Outcome>();
    for (int i = 0; i < pairs.size(); i++) {
      if (relations.get(i).isPresent()) {
        Pair pair = pairs.get(i).orElseThrow();
        Set<String> inputs = Set.of(pair.source.key);
        asked.add(new Asked(method, section, i, inputs, pair.right));
        scan.ask(relations.get(i).get(), pair.source.number, keep(inputs), AnalogyScan.ANY);
      }
      outcomes.add(Outcome.SKIPPED);
    }
    return outcomes;
  }

  /** The different pairs of a section; empty where a word is not known. */
  private List<Optional<Pair>> pairs(Section section) {
    Map<List<String>, RelationPairs.Pair> different = new LinkedHashMap<>();
    for (Question question : section.questions()) {
      List<RelationPairs.Pair> both =
          List.of(
              new RelationPairs.Pair(question.a(), List.of(question.b())),
              new RelationPairs.Pair(question.c(), question.d()));
      for (RelationPairs.Pair pair : both) {
        different.merge(
            List.of(spelling.key(pair.source()), spelling.key(pair.targets().getFirst())),
            pair,
            (old, it) -> old.targets().size() < it.targets().size() ? it : old);
      }
    }
    var pairs = new ArrayList<Optional<Pair>>();
    for (RelationPairs.Pair pair : different.values()) {
      Optional<Known> target =
          pair.targets().stream().map(this::find).flatMap(Optional::stream).findFirst();
      pairs.add(
          find(pair.source()).flatMap(s -> target.map(t -> new Pair(s, t, keys(pair.targets())))));
    }
    return pairs;
  }

  private Optional<Relation> learn(
      AnalogyMethod method, Pair left, List<Pair> pairs, List<float[]> others) {
    List<Relation.Pair> examples =
        pairs.stream()
            .filter(p -> !p.source.key.equals(left.source.key))
            .filter(p -> p.right.stream().noneMatch(left.right::contains))
            .map(p -> new Relation.Pair(p.source.vector, p.target.vector))
            .toList();
    if (examples.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        method == AnalogyMethod.COS_AVG
            ? Relation.offset(examples)
            : Relation.targets(examples, others));
  }

  /** As many random words as pairs, none of them of the pairs. */
  private List<float[]> others(int section, List<Pair> pairs) {
    Set<String> taken = new HashSet<>();
    for (Pair pair : pairs) {
      taken.add(pair.source.key);
      taken.addAll(pair.right);
    }
    return Relation.randomWords(
        rows,
        size,
        pairs.size(),
        row -> !taken.contains(spelling.key(rows.label(row))),
        options.seed() + section);
  }
}
