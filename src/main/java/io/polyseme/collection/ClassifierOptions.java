package io.polyseme.collection;

import org.jspecify.annotations.Nullable;

/**
 * How texts are classified.
 *
 * @param method null for the one that has the most examples right when they are held out
 * @param folds into how many parts the examples are divided for that, from 2; each is predicted
 *     from the others
 * @param seed of the division
 */
public record ClassifierOptions(@Nullable Method method, int folds, long seed) {
  public static final ClassifierOptions DEFAULT = new ClassifierOptions(null, 5, 42);

  /** What a class is likely by. */
  public enum Method {
    /** How near the mean of its examples is (Rocchio 1971). */
    CENTROID,
    /** How near its three nearest examples are. */
    NEIGHBOURS,
    /** A logistic regression of it and all others, see {@code vector.LogisticRegression}. */
    LOGISTIC
  }

  public ClassifierOptions {
    if (folds < 2) {
      throw new IllegalArgumentException("folds must be at least 2: " + folds);
    }
  }

  public ClassifierOptions withMethod(@Nullable Method method) {
    return new ClassifierOptions(method, folds, seed);
  }

  public ClassifierOptions withFolds(int folds) {
    return new ClassifierOptions(method, folds, seed);
  }

  public ClassifierOptions withSeed(long seed) {
    return new ClassifierOptions(method, folds, seed);
  }
}
