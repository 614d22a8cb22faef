package io.polyseme.index;

import java.util.List;

/**
 * How searches of an index are measured.
 *
 * @param sample how many vectors of the index are asked for their neighbours, at most all
 * @param k how many neighbours
 * @param efSearch what is tried; sorted and made different
 * @param recall what a recommended setting has to reach, from 0 to 1
 * @param seed chooses the sample
 */
public record TuningOptions(int sample, int k, List<Integer> efSearch, double recall, long seed) {
  /** 1,000 vectors, 10 neighbours, efSearch from 10 to 1,600, recall 0.95, seed 42. */
  public static final TuningOptions DEFAULT =
      new TuningOptions(1_000, 10, List.of(10, 25, 50, 100, 200, 400, 800, 1_600), 0.95, 42);

  public TuningOptions {
    if (sample < 1 || k < 1) {
      throw new IllegalArgumentException(
          "sample and k must be at least 1: %d, %d".formatted(sample, k));
    }
    if (efSearch.isEmpty() || efSearch.stream().anyMatch(ef -> ef < 1)) {
      throw new IllegalArgumentException("efSearch must be at least 1 each: " + efSearch);
    }
    if (!(recall > 0 && recall <= 1)) {
      throw new IllegalArgumentException("recall must be over 0 and at most 1: " + recall);
    }
    efSearch = efSearch.stream().sorted().distinct().toList();
  }

  public TuningOptions withSample(int sample) {
    return new TuningOptions(sample, k, efSearch, recall, seed);
  }

  public TuningOptions withK(int k) {
    return new TuningOptions(sample, k, efSearch, recall, seed);
  }

  public TuningOptions withEfSearch(List<Integer> efSearch) {
    return new TuningOptions(sample, k, efSearch, recall, seed);
  }

  public TuningOptions withRecall(double recall) {
    return new TuningOptions(sample, k, efSearch, recall, seed);
  }

  public TuningOptions withSeed(long seed) {
    return new TuningOptions(sample, k, efSearch, recall, seed);
  }
}
