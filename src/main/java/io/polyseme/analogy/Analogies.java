package io.polyseme.analogy;

import io.polyseme.vector.Answer;
import io.polyseme.vector.Expression;
import io.polyseme.vector.Hit;
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
import java.util.Set;

/** Puts expressions to vector spaces. Thread-safe. */
public final class Analogies {
  private Analogies() {}

  /**
   * The nearest to an expression. Unless the options keep them, the words of the expression are not
   * among the answers, in whatever case the space has them; words in a context are.
   *
   * @throws UnknownTermException if a word is not known, and the options do not skip it
   * @throws IllegalArgumentException if the resolver cannot resolve a kind of term, or the terms
   *     cancel each other out
   */
  public static Answer ask(
      VectorSpace space, TermResolver resolver, Expression expression, AnalogyOptions options) {
    var operands = new ArrayList<Query.Operand>();
    Set<String> excluded = new HashSet<>();
    var notes = new ArrayList<String>();
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
        notes.add("\"%s\" is not known, and is left out of the sum".formatted(e.term()));
        continue;
      }
      operands.add(new Query.Operand(found.vector(), (float) weighted.weight()));
      if (!found.note().isEmpty()) {
        notes.add(found.note());
      }
      if (!options.keepInputs() && term instanceof Term.Word(String word)) {
        addVariants(word, excluded);
        if (!found.label().isEmpty()) {
          addVariants(found.label(), excluded);
        }
      }
    }
    if (operands.isEmpty() && unknown != null) {
      throw unknown;
    }
    while (true) {
      Answer answer =
          space.search(
              new Query(
                  operands,
                  options.k(),
                  options.method(),
                  excluded,
                  options.filter(),
                  options.precision()));
      // Spellings such as iPhone, which no rule gives, show themselves among the answers.
      Set<String> lowerCase = new HashSet<>();
      excluded.forEach(label -> lowerCase.add(label.toLowerCase(Locale.ROOT)));
      boolean more = false;
      for (Hit hit : answer.hits()) {
        if (lowerCase.contains(hit.label().toLowerCase(Locale.ROOT))) {
          more |= excluded.add(hit.label());
        }
      }
      if (!more) {
        notes.addAll(answer.warnings());
        return new Answer(answer.hits(), answer.exact(), answer.visited(), notes);
      }
    }
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
