package io.polyseme.collection;

import org.jspecify.annotations.Nullable;

/**
 * A text that is unlike the others of a collection.
 *
 * @param rank from 1, the one that is most unlike them
 * @param score by the measure that was asked for; greater is farther away
 * @param nearest the text that it is most like after all; null where it is the only one
 * @param nearestScore the cosine of the two
 */
public record Outlier(
    int rank, double score, Member member, @Nullable Member nearest, double nearestScore) {}
