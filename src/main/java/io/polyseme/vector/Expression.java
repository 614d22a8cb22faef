package io.polyseme.vector;

import java.util.ArrayList;
import java.util.List;

/**
 * Terms with signs and weights: {@code king - man + woman}. The smallest is one term. Immutable;
 * made here, or read from text by {@code io.polyseme.analogy.Expressions}.
 */
public sealed interface Expression permits Term, Expression.Weighted, Expression.Sum {

  /** An expression times a number, which may be negative. */
  record Weighted(Expression expression, double weight) implements Expression {
    public Weighted {
      if (!Double.isFinite(weight)) {
        throw new IllegalArgumentException("a weight must be finite: " + weight);
      }
    }
  }

  /** The sum of its parts, of which there is at least one. */
  record Sum(List<Expression> parts) implements Expression {
    public Sum {
      parts = List.copyOf(parts);
      if (parts.isEmpty()) {
        throw new IllegalArgumentException("a sum of nothing");
      }
    }
  }

  /** One term with the weight that it has in the whole expression. */
  record WeightedTerm(Term term, double weight) {}

  static Expression word(String word) {
    return new Term.Word(word);
  }

  static Expression usage(String text, Span span) {
    return new Term.Usage(text, span);
  }

  static Expression text(String text) {
    return new Term.Text(text);
  }

  /** An analogy: {@code a} is to {@code b} as {@code c} is to what? The sum b - a + c. */
  static Expression analogy(Expression a, Expression b, Expression c) {
    return b.minus(a).plus(c);
  }

  default Expression plus(Expression other) {
    return new Sum(List.of(this, other));
  }

  default Expression minus(Expression other) {
    return new Sum(List.of(this, other.times(-1)));
  }

  default Expression times(double weight) {
    return new Weighted(this, weight);
  }

  /** The terms in order, each with its weight in the whole. */
  default List<WeightedTerm> terms() {
    var terms = new ArrayList<WeightedTerm>();
    collect(this, 1, terms);
    return List.copyOf(terms);
  }

  private static void collect(Expression expression, double weight, List<WeightedTerm> into) {
    switch (expression) {
      case Term term -> into.add(new WeightedTerm(term, weight));
      case Weighted w -> collect(w.expression(), weight * w.weight(), into);
      case Sum sum -> sum.parts().forEach(part -> collect(part, weight, into));
    }
  }
}
