package io.polyseme.index;

/**
 * An entry that is near a question by its vector, by its words, or both.
 *
 * @param similarity of its vector, whether it was found by that or not; NaN where the question has
 *     no vector
 * @param similarityRank from 1, among those found by their vectors; 0 for one found by its words
 *     alone
 * @param words its score by words (BM25), whether it was found by that or not; 0 where it has none
 *     of the question's words
 * @param wordsRank from 1, among those found by their words; 0 for one found by its vector alone
 */
public record Candidate(
    String label, double similarity, int similarityRank, double words, int wordsRank) {}
