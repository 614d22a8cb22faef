package io.polyseme.usage;

/**
 * A usage that was looked for.
 *
 * @param rank from 1
 * @param score how near its meaning is: the cosine, from -1 to 1, of standardised vectors, so that
 *     0 is what two usages at random have
 */
public record RankedUsage(int rank, double score, Usage usage) {}
