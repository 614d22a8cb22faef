package io.polyseme.index;

import java.util.List;

/**
 * What a look at every part of an index found.
 *
 * @param vectors how many vectors were looked at
 * @param bytes what the index takes on disk
 * @param problems what is wrong, for a person; empty where the index is sound
 */
public record IndexCheck(long vectors, long bytes, List<String> problems) {
  public IndexCheck {
    problems = List.copyOf(problems);
  }

  /** Whether nothing is wrong. */
  public boolean sound() {
    return problems.isEmpty();
  }
}
