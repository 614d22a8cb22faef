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

  /**
   * The same, with what stood in for the term where it was not found itself.
   *
   * @throws UnknownTermException as {@link #resolve} does
   */
  default Resolution resolution(Term term) {
    return new Resolution(resolve(term), term instanceof Term.Word(String word) ? word : "", "");
  }

  /** Resolves words, and nothing else, by looking their labels up in a space. */
  static TermResolver of(VectorSpace space) {
    return term ->
        switch (term) {
          case Term.Word(String word) ->
              space
                  .vector(word)
                  .orElseThrow(
                      () ->
                          new UnknownTermException(
                              word, space.info().name(), space.nearNames(word, 5)));
          case Term.Literal literal -> literal.vector();
          case Term.Usage _, Term.Text _ ->
              throw new IllegalArgumentException(
                  "%s holds words: a text, or a word in its context, needs an encoder and an index made with it"
                      .formatted(space.info().name()));
        };
  }
}
