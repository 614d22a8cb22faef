package io.polyseme.usage;

/**
 * How substitutes are looked for. Immutable; start at {@link #DEFAULT}.
 *
 * @param top how many are given, from 1
 * @param neighbours how many neighbours of the word space are tried, from 0
 * @param relatives how many words of wider, narrower and neighbouring senses are tried, of each
 *     kind
 */
public record SubstituteOptions(int top, int neighbours, int relatives) {
  /** Ten, of 60 neighbours and 40 relatives of each kind. */
  public static final SubstituteOptions DEFAULT = new SubstituteOptions(10, 60, 40);

  public SubstituteOptions {
    if (top < 1) {
      throw new IllegalArgumentException("top must be at least 1: " + top);
    }
    if (neighbours < 0 || relatives < 0) {
      throw new IllegalArgumentException(
          "neighbours and relatives must be at least 0: %d, %d".formatted(neighbours, relatives));
    }
  }

  public SubstituteOptions withTop(int top) {
    return new SubstituteOptions(top, neighbours, relatives);
  }

  public SubstituteOptions withNeighbours(int neighbours) {
    return new SubstituteOptions(top, neighbours, relatives);
  }

  public SubstituteOptions withRelatives(int relatives) {
    return new SubstituteOptions(top, neighbours, relatives);
  }
}
