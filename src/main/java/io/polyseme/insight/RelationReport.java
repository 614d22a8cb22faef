package io.polyseme.insight;

import java.util.List;

/**
 * What was measured of a relation.
 *
 * @param pairs how many pairs there are
 * @param overlapping how many of them have strings that overlap
 * @param scores by model or space, layer and method; a score without overlapping pairs follows each
 *     where some overlap
 * @param choices the best layer of each model and method
 */
public record RelationReport(
    int pairs, int overlapping, List<RelationScore> scores, List<RelationChoice> choices) {
  public RelationReport {
    scores = List.copyOf(scores);
    choices = List.copyOf(choices);
  }
}
