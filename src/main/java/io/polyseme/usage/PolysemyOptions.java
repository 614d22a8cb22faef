package io.polyseme.usage;

/**
 * How words are ranked by how much their meaning varies. Immutable; start at {@link #DEFAULT}.
 *
 * @param least only lemmas with so many usages, from 2
 * @param usages of more usages of a lemma so many are looked at, chosen at random: the same number
 *     for all, so that frequent words do not seem to vary more for having more usages
 * @param seed of every choice
 */
public record PolysemyOptions(int least, int usages, long seed) {
  /** Lemmas with 20 usages, from 200 of each. */
  public static final PolysemyOptions DEFAULT = new PolysemyOptions(20, 200, 42);

  public PolysemyOptions {
    if (least < 2) {
      throw new IllegalArgumentException("least must be at least 2: " + least);
    }
    if (usages < 2) {
      throw new IllegalArgumentException("usages must be at least 2: " + usages);
    }
  }

  public PolysemyOptions withLeast(int least) {
    return new PolysemyOptions(least, usages, seed);
  }

  public PolysemyOptions withUsages(int usages) {
    return new PolysemyOptions(least, usages, seed);
  }

  public PolysemyOptions withSeed(long seed) {
    return new PolysemyOptions(least, usages, seed);
  }
}
