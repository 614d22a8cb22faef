package io.polyseme.index;

import java.util.List;

/**
 * What a search by vector and by words found, to be joined to one ranking.
 *
 * @param list first those found by their vectors in their order, then the others found by their
 *     words in theirs
 * @param exact whether every vector was looked at
 * @param warnings what the person who asked should know
 */
public record Candidates(List<Candidate> list, boolean exact, List<String> warnings) {
  public Candidates {
    list = List.copyOf(list);
    warnings = List.copyOf(warnings);
  }
}
