package io.polyseme.evaluate;

import io.polyseme.evaluate.RetrievalSet.Part;
import java.util.Objects;

/**
 * How a search is scored. Immutable; start at {@link #DEFAULT}.
 *
 * @param part which of a set's queries are asked; of all, each half is reported as well
 * @param resamples how many bootstrap resamples of the queries an interval is taken from
 * @param exchanges how many exchanges the paired randomisation test draws
 * @param seed for resampling and exchanging
 */
public record RetrievalOptions(Part part, int resamples, int exchanges, long seed) {
  /** All queries, 2,000 resamples, 100,000 exchanges. */
  public static final RetrievalOptions DEFAULT = new RetrievalOptions(Part.ALL, 2000, 100_000, 1);

  public RetrievalOptions {
    Objects.requireNonNull(part, "part");
    if (resamples < 1) {
      throw new IllegalArgumentException("resamples must be at least 1: " + resamples);
    }
    if (exchanges < 1) {
      throw new IllegalArgumentException("exchanges must be at least 1: " + exchanges);
    }
  }

  public RetrievalOptions withPart(Part part) {
    return new RetrievalOptions(part, resamples, exchanges, seed);
  }

  public RetrievalOptions withResamples(int resamples) {
    return new RetrievalOptions(part, resamples, exchanges, seed);
  }

  public RetrievalOptions withExchanges(int exchanges) {
    return new RetrievalOptions(part, resamples, exchanges, seed);
  }

  public RetrievalOptions withSeed(long seed) {
    return new RetrievalOptions(part, resamples, exchanges, seed);
  }
}
