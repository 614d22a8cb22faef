package io.polyseme.evaluate;

import io.polyseme.sense.UsageMix;
import org.jspecify.annotations.Nullable;

/**
 * How coarse senses are scored. Immutable; start at {@link #DEFAULT}.
 *
 * @param examples how many training texts a sense is learned from, drawn by the seed; 0 for all
 * @param resamples how many bootstrap resamples of the test texts an interval is taken from
 * @param seed for drawing and resampling
 * @param mix what a usage's vector is made of, by {@link CoarseTrial}; null for what it chooses
 */
public record CoarseOptions(int examples, int resamples, long seed, @Nullable UsageMix mix) {
  /** All training texts, 1,000 resamples. */
  public static final CoarseOptions DEFAULT = new CoarseOptions(0, 1000, 1, null);

  public CoarseOptions {
    if (examples < 0) {
      throw new IllegalArgumentException("examples must not be negative: " + examples);
    }
    if (resamples < 1) {
      throw new IllegalArgumentException("resamples must be at least 1: " + resamples);
    }
  }

  public CoarseOptions withExamples(int examples) {
    return new CoarseOptions(examples, resamples, seed, mix);
  }

  public CoarseOptions withResamples(int resamples) {
    return new CoarseOptions(examples, resamples, seed, mix);
  }

  public CoarseOptions withSeed(long seed) {
    return new CoarseOptions(examples, resamples, seed, mix);
  }

  public CoarseOptions withMix(UsageMix mix) {
    return new CoarseOptions(examples, resamples, seed, mix);
  }
}
