package io.polyseme.cluster;

/**
 * A word that sets a group of texts apart.
 *
 * @param word as it was counted: a form, or a lemma
 * @param score how much more it is there than in the other groups: log-odds in standard deviations
 * @param count how many texts of the group it is in
 */
public record ScoredWord(String word, double score, int count) {}
