package io.polyseme.vector;

import java.util.List;

/**
 * What a {@link VectorSpace} answers.
 *
 * @param hits best first; equal scores in the order of the labels, so that the order is total;
 *     fewer than k where the space or the filter holds fewer
 * @param exact whether every vector was looked at
 * @param visited how many vectors were compared
 * @param warnings what the person who asked should know; often empty
 */
public record Answer(List<Hit> hits, boolean exact, long visited, List<String> warnings) {
  public Answer {
    hits = List.copyOf(hits);
    warnings = List.copyOf(warnings);
  }
}
