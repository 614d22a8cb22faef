package io.polyseme.collection;

/**
 * Two texts of a collection that are near each other and not the same.
 *
 * @param rank from 1, the nearest; of pairs told as they are found, the order in which they were
 * @param score their cosine, from -1 to 1
 * @param first of the two the one that comes first in the index
 */
public record Pair(int rank, double score, Member first, Member second) {}
