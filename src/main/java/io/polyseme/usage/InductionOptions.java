package io.polyseme.usage;

/**
 * How the senses of a word are found in its usages. Immutable; start at {@link #DEFAULT}.
 *
 * @param senses how many senses there are; 0 for as many as the usages show
 * @param usages of more usages so many, chosen at random, are clustered, and the others given to
 *     the cluster whose mean is nearest
 * @param examples how many typical usages and characteristic words are given of each sense
 * @param seed of every choice
 */
public record InductionOptions(int senses, int usages, int examples, long seed) {
  /** As many senses as there are, from 3,000 usages at most. */
  public static final InductionOptions DEFAULT = new InductionOptions(0, 3000, 5, 42);

  public InductionOptions {
    if (senses < 0) {
      throw new IllegalArgumentException("senses must be at least 0: " + senses);
    }
    if (usages < 2) {
      throw new IllegalArgumentException("usages must be at least 2: " + usages);
    }
    if (examples < 0) {
      throw new IllegalArgumentException("examples must be at least 0: " + examples);
    }
  }

  public InductionOptions withSenses(int senses) {
    return new InductionOptions(senses, usages, examples, seed);
  }

  public InductionOptions withUsages(int usages) {
    return new InductionOptions(senses, usages, examples, seed);
  }

  public InductionOptions withExamples(int examples) {
    return new InductionOptions(senses, usages, examples, seed);
  }

  public InductionOptions withSeed(long seed) {
    return new InductionOptions(senses, usages, examples, seed);
  }
}
