package io.polyseme.analogy;

import io.polyseme.vector.Method;
import java.util.Optional;

/**
 * How the answer x to "a is to b as c is to what?" is scored. With {@code cos} the cosine, which is
 * 0 for the zero vector, and all vectors of unit length.
 */
public enum AnalogyMethod {
  /** {@link Method#COS_ADD}: cos(x, b - a + c). */
  COS_ADD("add", "3CosAdd"),
  /** {@link Method#COS_MUL}. */
  COS_MUL("mul", "3CosMul"),
  /**
   * cos(x - c, b - a): only the direction counts, not how near x is to c (Levy and Goldberg 2014,
   * "Linguistic Regularities in Sparse and Explicit Word Representations", section 3). As all are
   * of unit length, x - c has the length sqrt(2 - 2 cos(x, c)), which is taken to be at least
   * 0.001: c itself scores 0.
   */
  PAIR_DIRECTION("direction", "PairDirection"),
  /**
   * cos(x, c): what is nearest to the third word, whatever the pair says. A control: what it
   * answers rightly shows no relation (Drozd, Gladkova and Matsuoka 2016, "Word Embeddings,
   * Analogies, and Machine Learning: Beyond king - man + woman = queen", whose a : a' :: b : b' has
   * b where we have c; Linzen 2016, "Issues in evaluating semantic spaces using word analogies",
   * calls it Only-b).
   */
  SIMILAR_TO_B("similar-to-b", "SimilarToB"),
  /** The greatest of cos(x, a), cos(x, b) and cos(x, c): the other control of Drozd et al. */
  SIMILAR_TO_ANY("similar-to-any", "SimilarToAny"),
  /**
   * cos(x, c + o), where o is the mean of target - source over the example pairs of a {@link
   * Relation} (Drozd et al. 2016).
   */
  COS_AVG("avg", "3CosAvg"),
  /**
   * P(x) cos(x, c), where P is the probability that x is of the class of the targets of a {@link
   * Relation}, by logistic regression (Drozd et al. 2016).
   */
  LR_COS("lrcos", "LRCos");

  private final String id;
  private final String name;

  AnalogyMethod(String id, String name) {
    this.id = id;
    this.name = name;
  }

  /** A short name in lower case, as the command line and results have it. */
  public String id() {
    return id;
  }

  /** Whether it learns from example pairs; otherwise it is asked with one pair. */
  public boolean learned() {
    return this == COS_AVG || this == LR_COS;
  }

  /**
   * The method of a {@link io.polyseme.vector.Query}, where spaces of any kind can answer by it.
   */
  public Optional<Method> query() {
    return switch (this) {
      case COS_ADD -> Optional.of(Method.COS_ADD);
      case COS_MUL -> Optional.of(Method.COS_MUL);
      default -> Optional.empty();
    };
  }

  /** As the literature writes it. */
  @Override
  public String toString() {
    return name;
  }
}
