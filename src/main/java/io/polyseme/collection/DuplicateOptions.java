package io.polyseme.collection;

import java.util.Objects;

/**
 * How duplicates are found.
 *
 * @param minScore texts whose cosine is at least this are duplicates, from -1 to 1
 * @param keep which one of a group is kept
 */
public record DuplicateOptions(double minScore, Keep keep) {
  public static final DuplicateOptions DEFAULT = new DuplicateOptions(0.95, Keep.FIRST);

  /** Which one of a group is kept. */
  public enum Keep {
    /** The one that comes first in the index. */
    FIRST,
    /** The longest text. */
    LONGEST,
    /** The one with the most duplicates, and of these the one that is nearest to them. */
    CENTRAL
  }

  public DuplicateOptions {
    if (!(minScore >= -1 && minScore <= 1)) {
      throw new IllegalArgumentException("the least score must be from -1 to 1: " + minScore);
    }
    Objects.requireNonNull(keep, "keep");
  }

  public DuplicateOptions withMinScore(double minScore) {
    return new DuplicateOptions(minScore, keep);
  }

  public DuplicateOptions withKeep(Keep keep) {
    return new DuplicateOptions(minScore, keep);
  }
}
