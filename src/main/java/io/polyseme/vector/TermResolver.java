package io.polyseme.vector;

/** Makes vectors of terms. Word vectors and encoders are resolvers. Thread-safe. */
public interface TermResolver {
  /**
   * The vector of a term: a new array, not normalised.
   *
   * @throws UnknownTermException if the word is not known, with names that are
   * @throws IllegalArgumentException if terms of this kind cannot be resolved here (a word in its
   *     context by static word vectors, say), with a message that says what could
   */
  float[] resolve(Term term);
}
