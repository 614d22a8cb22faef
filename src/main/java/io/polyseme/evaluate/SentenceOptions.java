package io.polyseme.evaluate;

/**
 * How sentence pairs are scored. Immutable; start at {@link #DEFAULT}.
 *
 * @param resamples how many bootstrap resamples of a set's pairs an interval is taken from
 * @param seed for resampling
 */
public record SentenceOptions(int resamples, long seed) {
  /** 1,000 resamples. */
  public static final SentenceOptions DEFAULT = new SentenceOptions(1000, 1);

  public SentenceOptions {
    if (resamples < 1) {
      throw new IllegalArgumentException("resamples must be at least 1: " + resamples);
    }
  }

  public SentenceOptions withResamples(int resamples) {
    return new SentenceOptions(resamples, seed);
  }

  public SentenceOptions withSeed(long seed) {
    return new SentenceOptions(resamples, seed);
  }
}
