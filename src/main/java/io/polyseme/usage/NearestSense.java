package io.polyseme.usage;

import io.polyseme.sense.Sense;

/**
 * The sense of an inventory that is nearest to what was found in a corpus.
 *
 * @param score the cosine, from -1 to 1, of standardised vectors: of the mean of the usages, and of
 *     the sense's examples and gloss
 * @param fits whether it is near enough to be that sense; where not, the inventory has none of this
 *     meaning
 */
public record NearestSense(Sense sense, double score, boolean fits) {}
