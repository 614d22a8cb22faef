package io.polyseme.search;

import java.util.List;

/**
 * What a search found.
 *
 * @param passages best first; of equal scores the smaller label
 * @param mode by what it was searched
 * @param candidates how many entries were ranked; there may be more that were not looked at
 * @param exact whether every vector was looked at
 * @param steps what was done, in the order it was, for a person
 * @param warnings what the person who asked should know
 */
public record SearchAnswer(
    List<Passage> passages,
    SearchMode mode,
    int candidates,
    boolean exact,
    List<String> steps,
    List<String> warnings) {
  public SearchAnswer {
    passages = List.copyOf(passages);
    steps = List.copyOf(steps);
    warnings = List.copyOf(warnings);
  }
}
