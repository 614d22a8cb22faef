package io.polyseme.words;

/**
 * How two spaces are aligned.
 *
 * @param refinements how often the map is learned again from the pairs and from what are mutual
 *     nearest neighbours by CSLS under the map before (Conneau et al. 2018, "Word Translation
 *     Without Parallel Data", section 2.2); 0 for the pairs alone
 * @param vocabulary how many of the first, commonest words of each space take part in refinement,
 *     and of the source space in the neighbourhoods that CSLS looks at, from 1
 * @param threads for what goes through whole spaces, from 1
 */
public record AlignmentOptions(int refinements, int vocabulary, int threads) {
  /** An orthogonal map from the pairs alone. */
  public static final AlignmentOptions DEFAULT =
      new AlignmentOptions(0, 10_000, Runtime.getRuntime().availableProcessors());

  public AlignmentOptions {
    if (refinements < 0 || vocabulary < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "%d refinements, a vocabulary of %d and %d threads: they must be at least 0, 1 and 1"
              .formatted(refinements, vocabulary, threads));
    }
  }

  public AlignmentOptions withRefinements(int refinements) {
    return new AlignmentOptions(refinements, vocabulary, threads);
  }

  public AlignmentOptions withVocabulary(int vocabulary) {
    return new AlignmentOptions(refinements, vocabulary, threads);
  }

  public AlignmentOptions withThreads(int threads) {
    return new AlignmentOptions(refinements, vocabulary, threads);
  }
}
