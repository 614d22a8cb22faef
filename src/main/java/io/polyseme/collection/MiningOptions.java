package io.polyseme.collection;

/**
 * How paraphrases are mined.
 *
 * @param neighbours pairs are sought among each text's nearest so many, from 1; as many as {@code
 *     paraphrase_mining} of sentence-transformers looks at by default
 * @param minScore the least cosine of a pair, from -1 to 1
 */
public record MiningOptions(int neighbours, double minScore) {
  public static final MiningOptions DEFAULT = new MiningOptions(100, -1);

  public MiningOptions {
    if (neighbours < 1) {
      throw new IllegalArgumentException("neighbours must be at least 1: " + neighbours);
    }
    if (!(minScore >= -1 && minScore <= 1)) {
      throw new IllegalArgumentException("the least score must be from -1 to 1: " + minScore);
    }
  }

  public MiningOptions withNeighbours(int neighbours) {
    return new MiningOptions(neighbours, minScore);
  }

  public MiningOptions withMinScore(double minScore) {
    return new MiningOptions(neighbours, minScore);
  }
}
