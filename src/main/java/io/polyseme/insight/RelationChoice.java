package io.polyseme.insight;

/**
 * The layer at which a relation is found best: chosen by one half of the pairs, and scored by the
 * other.
 *
 * @param apart whether only pairs are counted whose strings do not overlap
 * @param chosenBy the mean reciprocal rank in the half that it was chosen by
 * @param score of the other half
 */
public record RelationChoice(
    RelationMethod method, boolean apart, double chosenBy, RelationScore score) {}
