package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.evaluate.AnalogyOutcomes.Outcome;
import io.polyseme.evaluate.AnalogyQuestions.Question;
import io.polyseme.evaluate.AnalogyQuestions.Section;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Method;
import io.polyseme.vector.Query;
import io.polyseme.vector.Query.Operand;
import io.polyseme.vector.VectorSpace;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Analogy questions, a query each. */
final class SearchTrial {
  /** In how many spellings each input is made room for among the answers. */
  private static final int CASES = 4;

  private final AnalogyQuestions set;
  private final VectorSpace space;
  private final Spelling spelling;
  private final List<AnalogyMethod> methods;
  private final Map<String, Optional<Known>> known = new HashMap<>();

  /** A word of a question under the label that the space has for it. */
  private record Known(String label, float[] vector) {}

  SearchTrial(AnalogyQuestions set, VectorSpace space, AnalogyOptions options) {
    if (options.firstWords() != 0) {
      throw new IllegalArgumentException("the first words can be taken only of a given vocabulary");
    }
    for (AnalogyMethod method : options.methods()) {
      if (method.query().isEmpty()) {
        throw new IllegalArgumentException(
            method + " is no query, and needs a space that every vector can be looked at in");
      }
    }
    this.set = set;
    this.space = space;
    this.spelling = options.spelling();
    this.methods = options.methods();
  }

  Map<AnalogyMethod, Evaluation> run(Progress progress, Cancel cancel) {
    var evaluations = new EnumMap<AnalogyMethod, Evaluation>(AnalogyMethod.class);
    long all = (long) set.size() * methods.size();
    long done = 0;
    for (AnalogyMethod method : methods) {
      var outcomes = new ArrayList<List<Outcome>>();
      for (Section section : set.sections()) {
        var ofSection = new ArrayList<Outcome>();
        for (Question question : section.questions()) {
          cancel.check();
          ofSection.add(ask(question, method.query().orElseThrow()));
          progress.update("answering analogies", ++done, all);
        }
        outcomes.add(ofSection);
      }
      evaluations.put(method, AnalogyOutcomes.evaluate(set.sections(), outcomes, "questions"));
    }
    return evaluations;
  }

  private Outcome ask(Question question, Method method) {
    Optional<Known> a = find(question.a());
    Optional<Known> b = find(question.b());
    Optional<Known> c = find(question.c());
    if (a.isEmpty()
        || b.isEmpty()
        || c.isEmpty()
        || question.d().stream().allMatch(d -> find(d).isEmpty())) {
      return Outcome.SKIPPED;
    }
    Query query =
        Query.of(
                List.of(
                    new Operand(b.get().vector, 1),
                    new Operand(a.get().vector, -1),
                    new Operand(c.get().vector, 1)),
                AnalogyOutcomes.TOP + 3 * (spelling == Spelling.FOLDED ? CASES : 1))
            .withMethod(method);
    List<String> answers =
        space.search(query).hits().stream().map(Hit::label).map(spelling::key).toList();
    Set<String> inputs =
        Stream.of(a, b, c)
            .map(input -> spelling.key(input.get().label))
            .collect(Collectors.toSet());
    return AnalogyOutcomes.judge(
        answers, inputs, question.d().stream().map(spelling::key).collect(Collectors.toSet()));
  }

  private Optional<Known> find(String word) {
    return known.computeIfAbsent(word, this::lookUp);
  }

  private Optional<Known> lookUp(String word) {
    for (String label : List.of(word, spelling.key(word))) {
      Optional<float[]> vector = space.vector(label);
      if (vector.isPresent()) {
        return Directions.unit(vector.get()).isPresent()
            ? Optional.of(new Known(label, vector.get()))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }
}
