package io.polyseme.words;

import java.util.OptionalDouble;

/**
 * How vectors are retrofitted; the symbols are those of Faruqui et al. 2015.
 *
 * @param iterations how often every related word is moved, from 1
 * @param alpha αᵢ, how hard a word is held where it was; positive
 * @param beta βᵢⱼ, how hard it is drawn to each word it is related to; positive. Empty for 1 over
 *     the number of those, so that all of them together draw with 1
 */
public record RetrofitOptions(int iterations, double alpha, OptionalDouble beta) {
  /** As published: 10 iterations, αᵢ = 1, βᵢⱼ = 1 / degree(i). */
  public static final RetrofitOptions DEFAULT = new RetrofitOptions(10, 1, OptionalDouble.empty());

  public RetrofitOptions {
    if (iterations < 1) {
      throw new IllegalArgumentException("iterations must be at least 1: " + iterations);
    }
    if (!(alpha > 0) || Double.isInfinite(alpha)) {
      throw new IllegalArgumentException("alpha must be positive: " + alpha);
    }
    if (beta.isPresent() && (!(beta.getAsDouble() > 0) || Double.isInfinite(beta.getAsDouble()))) {
      throw new IllegalArgumentException("beta must be positive: " + beta.getAsDouble());
    }
  }

  public RetrofitOptions withIterations(int iterations) {
    return new RetrofitOptions(iterations, alpha, beta);
  }

  public RetrofitOptions withAlpha(double alpha) {
    return new RetrofitOptions(iterations, alpha, beta);
  }

  public RetrofitOptions withBeta(double beta) {
    return new RetrofitOptions(iterations, alpha, OptionalDouble.of(beta));
  }
}
