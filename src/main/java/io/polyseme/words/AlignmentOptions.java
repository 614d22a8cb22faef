package io.polyseme.words;

/**
 * How two spaces are aligned.
 *
 * @param refinements how often the map is learned again from the pairs and from what are mutual
 *     nearest neighbours by CSLS under the map before (Conneau et al. 2018, "Word Translation
 *     Without Parallel Data", section 2.2); 0 for the pairs alone
 * @param vocabulary how many of the first, commonest words of each space take part in refinement,
 *     and of the source space in the neighbourhoods that CSLS looks at, from 1
 * @param reweight from 0, an orthogonal map, to 1: each direction that the map joins is weighted by
 *     its singular value to this power, as directions in which the pairs agree little are noise
 *     (Artetxe et al. 2018, "Generalizing and Improving Bilingual Word Embedding Mappings with a
 *     Multi-Step Framework of Linear Transformations", section 3). Above 0 the mapped words no
 *     longer lie to each other as they did
 * @param threads for what goes through whole spaces, from 1
 */
public record AlignmentOptions(int refinements, int vocabulary, double reweight, int threads) {
  /** An orthogonal map from the pairs alone. */
  public static final AlignmentOptions DEFAULT =
      new AlignmentOptions(0, 10_000, 0, Runtime.getRuntime().availableProcessors());

  public AlignmentOptions {
    if (refinements < 0 || vocabulary < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "%d refinements, a vocabulary of %d and %d threads: they must be at least 0, 1 and 1"
              .formatted(refinements, vocabulary, threads));
    }
    if (!(reweight >= 0 && reweight <= 1)) {
      throw new IllegalArgumentException("reweight must be from 0 to 1: " + reweight);
    }
  }

  public AlignmentOptions withRefinements(int refinements) {
    return new AlignmentOptions(refinements, vocabulary, reweight, threads);
  }

  public AlignmentOptions withVocabulary(int vocabulary) {
    return new AlignmentOptions(refinements, vocabulary, reweight, threads);
  }

  public AlignmentOptions withReweight(double reweight) {
    return new AlignmentOptions(refinements, vocabulary, reweight, threads);
  }

  public AlignmentOptions withThreads(int threads) {
    return new AlignmentOptions(refinements, vocabulary, reweight, threads);
  }
}
