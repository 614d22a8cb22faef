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
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.VectorSpace;
import io.polyseme.vector.Vectors;
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
   * among the answers, in whatever case the space has them; words in a context are.
   *
   * <p>Any expression, over any space, is answered by 3CosAdd and 3CosMul. The other methods that
   * are asked with one pair need an analogy, {@link Expression#analogy} or {@code b - a + c} with
   * the weights 1, and a space whose every vector can be looked at ({@link LabelledRows}).
   *
   * @throws io.polyseme.vector.UnknownTermException if a word is not known
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
    var operands = new ArrayList<Query.Operand>();
    Set<String> excluded = new HashSet<>();
    for (Expression.WeightedTerm weighted : expression.terms()) {
      Term term = weighted.term();
      operands.add(new Query.Operand(resolver.resolve(term), (float) weighted.weight()));
      if (!options.keepInputs() && term instanceof Term.Word(String word)) {
        addVariants(word, excluded);
      }
    }
    while (true) {
      Answer answer =
          space.search(
              new Query(
                  operands,
                  options.k(),
                  method.get(),
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
        return answer;
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
    var scan = new AnalogyScan(rows, rows.size());
    Set<String> excluded = new HashSet<>();
    var numbers = new int[3];
    for (int i = 0; i < 3; i++) {
      Term term = terms.get(i).term();
      numbers[i] = scan.add(resolver.resolve(term));
      if (!options.keepInputs() && term instanceof Term.Word(String word)) {
        addVariants(word, excluded);
      }
    }
    Set<String> lowerCase = new HashSet<>();
    excluded.forEach(label -> lowerCase.add(label.toLowerCase(Locale.ROOT)));
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
    return Relation.answer(scan, rows, Cancel.create());
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

  /**
   * The word that belongs least with the others: the one whose cosine to the mean of them all, each
   * of unit length, is least; the first of equals.
   *
   * @param words three or more
   * @throws io.polyseme.vector.UnknownTermException if a word is not known
   */
  public static String oddOneOut(TermResolver resolver, List<String> words) {
    if (words.size() < 3) {
      throw new IllegalArgumentException("three words or more are needed: " + words);
    }
    List<float[]> units = new ArrayList<>();
    for (String word : words) {
      float[] vector = resolver.resolve(new Term.Word(word)).clone();
      double norm = Math.sqrt(Vectors.squaredNorm(vector));
      if (norm > 0) {
        Vectors.scale(vector, (float) (1 / norm));
      }
      units.add(vector);
    }
    var sum = new float[units.getFirst().length];
    units.forEach(unit -> Vectors.addScaled(sum, unit, 1));
    int odd = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < units.size(); i++) {
      double cosine = Vectors.cosine(units.get(i), sum);
      if (cosine < least) {
        least = cosine;
        odd = i;
      }
    }
    return words.get(odd);
  }
}
