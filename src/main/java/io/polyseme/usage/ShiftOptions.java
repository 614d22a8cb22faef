package io.polyseme.usage;

/**
 * How two parts of a corpus are compared. Immutable; start at {@link #DEFAULT}.
 *
 * @param least a word must have so many usages in each part, from 2
 * @param usages at most so many are compared of each part, and of both the same number, chosen at
 *     random
 * @param permutations how often the parts are shuffled for the test, from 1
 * @param controls how often whole texts are shuffled between the parts for the control, from 0
 * @param seed of every choice
 */
public record ShiftOptions(int least, int usages, int permutations, int controls, long seed) {
  /** Ten usages in each part, 200 of each compared, 1,000 permutations, 20 controls. */
  public static final ShiftOptions DEFAULT = new ShiftOptions(10, 200, 1000, 20, 42);

  public ShiftOptions {
    if (least < 2) {
      throw new IllegalArgumentException("least must be at least 2: " + least);
    }
    if (usages < least) {
      throw new IllegalArgumentException(
          "usages must be at least as many as least: %d, %d".formatted(usages, least));
    }
    if (permutations < 1) {
      throw new IllegalArgumentException("permutations must be at least 1: " + permutations);
    }
    if (controls < 0) {
      throw new IllegalArgumentException("controls must be at least 0: " + controls);
    }
  }

  public ShiftOptions withLeast(int least) {
    return new ShiftOptions(least, usages, permutations, controls, seed);
  }

  public ShiftOptions withUsages(int usages) {
    return new ShiftOptions(least, usages, permutations, controls, seed);
  }

  public ShiftOptions withPermutations(int permutations) {
    return new ShiftOptions(least, usages, permutations, controls, seed);
  }

  public ShiftOptions withControls(int controls) {
    return new ShiftOptions(least, usages, permutations, controls, seed);
  }

  public ShiftOptions withSeed(long seed) {
    return new ShiftOptions(least, usages, permutations, controls, seed);
  }
}
