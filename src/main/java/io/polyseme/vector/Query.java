package io.polyseme.vector;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A question to a {@link VectorSpace}: the {@code k} nearest to its operands. Immutable.
 *
 * @param operands the vectors with their weights, at least one
 * @param k how many answers, from 1
 * @param method how the operands make one score
 * @param excluded labels that are not to be among the answers (the input words of an analogy)
 * @param filter which entries may be answers
 * @param precision how hard to look
 */
public record Query(
    List<Operand> operands,
    int k,
    Method method,
    Set<String> excluded,
    Filter filter,
    Precision precision) {

  /**
   * A vector and its weight.
   *
   * @param vector float[dimension], all finite; copied
   */
  public record Operand(float[] vector, float weight) {
    public Operand {
      vector = vector.clone();
      for (float x : vector) {
        if (!Float.isFinite(x)) {
          throw new IllegalArgumentException("a query vector must be finite, and has " + x);
        }
      }
      if (!Float.isFinite(weight)) {
        throw new IllegalArgumentException("a weight must be finite: " + weight);
      }
    }

    /** A copy. */
    @Override
    public float[] vector() {
      return vector.clone();
    }
  }

  public Query {
    operands = List.copyOf(operands);
    excluded = Set.copyOf(excluded);
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(filter, "filter");
    Objects.requireNonNull(precision, "precision");
    if (operands.isEmpty()) {
      throw new IllegalArgumentException("a query needs at least one vector");
    }
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1: " + k);
    }
    int dimension = operands.getFirst().vector.length;
    for (Operand operand : operands) {
      if (operand.vector.length != dimension) {
        throw new IllegalArgumentException(
            "the query's vectors have %d and %d dimensions"
                .formatted(dimension, operand.vector.length));
      }
    }
  }

  /** The k nearest neighbours of one vector. */
  public static Query near(float[] vector, int k) {
    return of(List.of(new Operand(vector, 1)), k);
  }

  /** The k nearest to several operands, by {@link Method#COS_ADD}. */
  public static Query of(List<Operand> operands, int k) {
    return new Query(operands, k, Method.COS_ADD, Set.of(), Filter.ALL, Precision.AUTO);
  }

  public Query withMethod(Method method) {
    return new Query(operands, k, method, excluded, filter, precision);
  }

  public Query withExcluded(Set<String> excluded) {
    return new Query(operands, k, method, excluded, filter, precision);
  }

  public Query withFilter(Filter filter) {
    return new Query(operands, k, method, excluded, filter, precision);
  }

  public Query withPrecision(Precision precision) {
    return new Query(operands, k, method, excluded, filter, precision);
  }

  public Query withK(int k) {
    return new Query(operands, k, method, excluded, filter, precision);
  }

  /** The dimension of the operands. */
  public int dimension() {
    return operands.getFirst().vector.length;
  }

  /**
   * The weighted sum of the operands, each of unit length first where the similarity is the cosine.
   *
   * @return a new float[dimension], not normalised
   * @throws IllegalArgumentException if an operand is the zero vector, which has no direction, or
   *     the operands cancel each other out, and the similarity is the cosine
   */
  public float[] target(Similarity similarity) {
    boolean cosine = similarity == Similarity.COSINE;
    var sum = new double[dimension()];
    for (Operand operand : operands) {
      double norm = cosine ? Math.sqrt(squaredNorm(operand.vector)) : 1;
      if (norm == 0) {
        throw new IllegalArgumentException("the zero vector has no direction to search in");
      }
      double weight = operand.weight / norm;
      for (int i = 0; i < sum.length; i++) {
        sum[i] += weight * operand.vector[i];
      }
    }
    var target = new float[sum.length];
    for (int i = 0; i < sum.length; i++) {
      target[i] = (float) sum[i];
    }
    if (cosine && squaredNorm(target) < 1e-12) {
      throw new IllegalArgumentException("the terms of the expression cancel each other out");
    }
    return target;
  }

  private static double squaredNorm(float[] vector) {
    double sum = 0;
    for (float x : vector) {
      sum += (double) x * x;
    }
    return sum;
  }
}
