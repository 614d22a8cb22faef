package io.polyseme.collection;

import java.util.List;

/**
 * A text that is kept, and those that it stands for.
 *
 * @param rank from 1, the group with the most duplicates
 * @param removed at least one, nearest first; each is as near to the kept text as was asked for
 */
public record DuplicateGroup(int rank, Member kept, List<Removed> removed) {

  /**
   * A duplicate.
   *
   * @param score its cosine with the kept text
   * @param copy whether its text is one that is there several times, and another entry of it comes
   *     before
   */
  public record Removed(Member member, double score, boolean copy) {}

  public DuplicateGroup {
    removed = List.copyOf(removed);
  }
}
