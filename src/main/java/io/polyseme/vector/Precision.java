package io.polyseme.vector;

/**
 * How hard to look.
 *
 * @param mode exact, approximate, or whichever the space is best at
 * @param efSearch for an approximate search, how many candidates it keeps (efSearch in Malkov and
 *     Yashunin 2016); raised to k where smaller; 0 for the space's default
 */
public record Precision(Mode mode, int efSearch) {
  /** Which kind of search. */
  public enum Mode {
    AUTO,
    EXACT,
    APPROXIMATE
  }

  /** Whichever the space is best at. */
  public static final Precision AUTO = new Precision(Mode.AUTO, 0);

  /** Every vector is looked at. */
  public static final Precision EXACT = new Precision(Mode.EXACT, 0);

  public Precision {
    if (efSearch < 0) {
      throw new IllegalArgumentException("efSearch must not be negative: " + efSearch);
    }
  }

  /** By the HNSW graph; an {@link IllegalArgumentException} in a space that has none. */
  public static Precision approximate(int efSearch) {
    return new Precision(Mode.APPROXIMATE, efSearch);
  }
}
