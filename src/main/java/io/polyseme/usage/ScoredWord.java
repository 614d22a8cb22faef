package io.polyseme.usage;

/**
 * A word of the contexts of a sense.
 *
 * @param word its lemma
 * @param score how much more it is there than beside the other senses: log-odds in standard
 *     deviations
 * @param count in how many usages of the sense it is
 */
public record ScoredWord(String word, double score, int count) {}
