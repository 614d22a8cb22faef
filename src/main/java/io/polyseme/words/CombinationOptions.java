package io.polyseme.words;

import java.util.Collections;
import java.util.List;

/**
 * How spaces are combined.
 *
 * @param weights one for each space, in their order; positive. Empty for 1 each
 * @param centred whether the mean of all of a space's vectors is taken away from each first
 * @param threads for the alignment, from 1
 */
public record CombinationOptions(
    Method method, List<Double> weights, Vocabulary vocabulary, boolean centred, int threads) {
  /** How vectors of several spaces become one. */
  public enum Method {
    /**
     * One behind the other, each of unit length times its weight: with weights w the cosine of two
     * words is the mean of their cosines in the spaces, weighted by w².
     */
    CONCATENATE,
    /** Their weighted mean, once the spaces are aligned. */
    AVERAGE
  }

  /** Which words are taken. */
  public enum Vocabulary {
    /** Those that every space has. */
    COMMON,
    /**
     * Those that any space has. Concatenated, the part of a space that lacks the word is zero;
     * averaged, the mean is over the spaces that have it.
     */
    ALL
  }

  /** Concatenated with equal weights, of the words that all have; not centred. */
  public static final CombinationOptions DEFAULT =
      new CombinationOptions(
          Method.CONCATENATE,
          List.of(),
          Vocabulary.COMMON,
          false,
          Runtime.getRuntime().availableProcessors());

  public CombinationOptions {
    weights = List.copyOf(weights);
    for (double weight : weights) {
      if (!(weight > 0) || weight > Float.MAX_VALUE) {
        throw new IllegalArgumentException("weights must be positive and finite: " + weights);
      }
    }
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
  }

  public CombinationOptions withMethod(Method method) {
    return new CombinationOptions(method, weights, vocabulary, centred, threads);
  }

  public CombinationOptions withWeights(List<Double> weights) {
    return new CombinationOptions(method, weights, vocabulary, centred, threads);
  }

  public CombinationOptions withVocabulary(Vocabulary vocabulary) {
    return new CombinationOptions(method, weights, vocabulary, centred, threads);
  }

  public CombinationOptions withCentred(boolean centred) {
    return new CombinationOptions(method, weights, vocabulary, centred, threads);
  }

  public CombinationOptions withThreads(int threads) {
    return new CombinationOptions(method, weights, vocabulary, centred, threads);
  }

  /** A weight for each of so many spaces. */
  List<Double> weightsOf(int spaces) {
    if (!weights.isEmpty() && weights.size() != spaces) {
      throw new IllegalArgumentException(
          "%d weights for %d spaces: give one for each".formatted(weights.size(), spaces));
    }
    return weights.isEmpty() ? Collections.nCopies(spaces, 1.0) : weights;
  }
}
