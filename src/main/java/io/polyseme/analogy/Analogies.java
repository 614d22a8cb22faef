package io.polyseme.analogy;

import io.polyseme.Cancel;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Expression;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Hit;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Method;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import io.polyseme.vector.Resolution;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.UnknownTermException;
import io.polyseme.vector.VectorSpace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Puts expressions to vector spaces. Thread-safe. */
public final class Analogies {
  /** The weights of b - a + c. */
  private static final List<Double> ANALOGY = List.of(1.0, -1.0, 1.0);

  private Analogies() {}

  /**
   * The nearest to an expression. Unless the options keep them, the words of the expression are not
   * among the answers, in whatever case the space has them; words in a context are. What stood in
   * for a word is told among the warnings.
   *
   * <p>Any expression, over any space, is answered by 3CosAdd and 3CosMul. The other methods that
   * are asked with one pair need an analogy, {@link Expression#analogy} or {@code b - a + c} with
   * the weights 1, and a space whose every vector can be looked at ({@link LabelledRows}).
   *
   * @throws UnknownTermException if a word is not known, and the options do not skip it
   * @throws IllegalArgumentException if the resolver cannot resolve a kind of term, the terms
   *     cancel each other out or one is the zero vector, the expression or the space is none that
   *     the method can answer, or the method learns from pairs, which is for a {@link Relation}
   */
  public static Answer ask(
      VectorSpace space, TermResolver resolver, Expression expression, AnalogyOptions options) {
    Optional<Method> method = options.method().query();
    if (method.isEmpty()) {
      return scan(space, resolver, expression, options);
    }
    Resolved terms = resolve(resolver, expression, options);
    while (true) {
      Answer answer =
          space.search(
              new Query(
                  terms.operands,
                  options.k(),
                  method.get(),
                  terms.excluded,
                  options.filter(),
                  options.precision()));
      // Spellings such as iPhone, which no rule gives, show themselves among the answers.
      Set<String> lowerCase = terms.lowerCase();
      boolean more = false;
      for (Hit hit : answer.hits()) {
        if (lowerCase.contains(hit.label().toLowerCase(Locale.ROOT))) {
          more |= terms.excluded.add(hit.label());
        }
      }
      if (!more) {
        return terms.note(answer);
      }
    }
  }

  private static Answer scan(
      VectorSpace space, TermResolver resolver, Expression expression, AnalogyOptions options) {
    if (options.method().learned()) {
      throw new IllegalArgumentException(
          options.method() + " learns from pairs of words; make a Relation of them and ask that");
    }
    if (!(space instanceof LabelledRows rows)
        || options.precision().mode() == Precision.Mode.APPROXIMATE) {
      throw new IllegalArgumentException(
          "%s compares every vector, as no index does; ask a word space, exactly, or by 3CosAdd"
              .formatted(options.method()));
    }
    List<Expression.WeightedTerm> terms = expression.terms();
    if (!terms.stream().map(Expression.WeightedTerm::weight).toList().equals(ANALOGY)) {
      throw new IllegalArgumentException(
          "%s needs an analogy of three terms: A B C, or b - a + c".formatted(options.method()));
    }
    Resolved resolved = resolve(resolver, expression, options.withSkipUnknown(false));
    var scan = new AnalogyScan(rows, rows.size());
    var numbers = new int[3];
    for (int i = 0; i < 3; i++) {
      numbers[i] = scan.add(resolved.operands.get(i).vector());
    }
    Set<String> lowerCase = resolved.lowerCase();
    scan.ask(
        options.method(),
        numbers[1],
        numbers[0],
        numbers[2],
        options.k(),
        row -> {
          String label = rows.label(row);
          return !lowerCase.contains(label.toLowerCase(Locale.ROOT))
              && options.filter().accepts(Map.of(Filter.LABEL, label));
        });
    return resolved.note(Relation.answer(scan, rows, Cancel.create()));
  }

  /**
   * The terms of an expression.
   *
   * @param excluded labels that are not to be answers
   * @param notes what stood in for terms that were not found, and what was left out
   */
  private record Resolved(List<Query.Operand> operands, Set<String> excluded, List<String> notes) {
    Set<String> lowerCase() {
      Set<String> lowerCase = new HashSet<>();
      excluded.forEach(label -> lowerCase.add(label.toLowerCase(Locale.ROOT)));
      return lowerCase;
    }

    Answer note(Answer answer) {
      var warnings = new ArrayList<>(notes);
      warnings.addAll(answer.warnings());
      return new Answer(answer.hits(), answer.exact(), answer.visited(), warnings);
    }
  }

  private static Resolved resolve(
      TermResolver resolver, Expression expression, AnalogyOptions options) {
    var resolved = new Resolved(new ArrayList<>(), new HashSet<>(), new ArrayList<>());
    UnknownTermException unknown = null;
    for (Expression.WeightedTerm weighted : expression.terms()) {
      Term term = weighted.term();
      Resolution found;
      try {
        found = resolver.resolution(term);
      } catch (UnknownTermException e) {
        if (!options.skipUnknown()) {
          throw e;
        }
        unknown = e;
        resolved.notes.add("\"%s\" is not known, and is left out of the sum".formatted(e.term()));
        continue;
      }
      resolved.operands.add(new Query.Operand(found.vector(), (float) weighted.weight()));
      if (!found.note().isEmpty()) {
        resolved.notes.add(found.note());
      }
      if (!options.keepInputs() && term instanceof Term.Word(String word)) {
        addVariants(word, resolved.excluded);
        if (!found.label().isEmpty()) {
          addVariants(found.label(), resolved.excluded);
        }
      }
    }
    if (resolved.operands.isEmpty() && unknown != null) {
      throw unknown;
    }
    return resolved;
  }

  private static void addVariants(String word, Set<String> variants) {
    for (String form : List.of(word, word.replace(' ', '_'), word.replace('_', ' '))) {
      variants.add(form);
      variants.add(form.toLowerCase(Locale.ROOT));
      variants.add(form.toUpperCase(Locale.ROOT));
      int first = form.offsetByCodePoints(0, form.isEmpty() ? 0 : 1);
      variants.add(
          form.substring(0, first).toUpperCase(Locale.ROOT)
              + form.substring(first).toLowerCase(Locale.ROOT));
    }
  }
}
