package io.polyseme.insight;

/**
 * How well held-out words of a relation are found.
 *
 * @param name the model's or the word space's
 * @param layer its layer; empty for a word space
 * @param method how the relation was learned
 * @param shuffled whether the pairs that were learned from were shuffled: a control
 * @param apart whether only pairs are counted whose strings do not {@linkplain WordPair#overlaps()
 *     overlap}
 * @param hitAt1 the share of pairs whose target comes first
 * @param hitAt5 the share of pairs whose target is among the first five
 * @param reciprocal the mean of 1 / the target's rank
 * @param candidates how many words there were to choose from
 */
public record RelationScore(
    String name,
    String layer,
    RelationMethod method,
    boolean shuffled,
    boolean apart,
    Estimate hitAt1,
    Estimate hitAt5,
    Estimate reciprocal,
    int candidates) {}
