package io.polyseme.evaluate;

/**
 * How coarse senses are scored. Immutable; start at {@link #DEFAULT}.
 *
 * @param examples how many training texts a sense is learned from, drawn by the seed; 0 for all
 * @param resamples how many bootstrap resamples of the test texts an interval is taken from
 * @param seed for drawing and resampling
 */
public record CoarseOptions(int examples, int resamples, long seed) {
  /** All training texts, 1,000 resamples. */
  public static final CoarseOptions DEFAULT = new CoarseOptions(0, 1000, 1);

  public CoarseOptions {
    if (examples < 0) {
      throw new IllegalArgumentException("examples must not be negative: " + examples);
    }
    if (resamples < 1) {
      throw new IllegalArgumentException("resamples must be at least 1: " + resamples);
    }
  }

  public CoarseOptions withExamples(int examples) {
    return new CoarseOptions(examples, resamples, seed);
  }

  public CoarseOptions withResamples(int resamples) {
    return new CoarseOptions(examples, resamples, seed);
  }

  public CoarseOptions withSeed(long seed) {
    return new CoarseOptions(examples, resamples, seed);
  }
}
