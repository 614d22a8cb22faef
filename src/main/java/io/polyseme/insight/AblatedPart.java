package io.polyseme.insight;

import io.polyseme.Intervals.Interval;

/**
 * What is different without a part of the model.
 *
 * @param part what was taken out
 * @param distance how far the word's state moves: the mean of 1 − cosine
 * @param accuracy how many usages are rightly told without it, the mean over the senses
 * @param drop of that accuracy: what it was with the part less what it is without
 * @param dropInterval 95 % of the bootstrap over usages, within each sense
 * @param margin by how much a usage is nearer to its own sense than to the next, in cosines once
 *     what the senses have in common is taken off, -2 to 2, the mean over the senses
 * @param marginDrop of that margin
 * @param marginInterval as {@code dropInterval}
 * @param neighboursChanged the share of a usage's nearest ones that are others without the part
 */
public record AblatedPart(
    ModelPart part,
    double distance,
    double accuracy,
    double drop,
    Interval dropInterval,
    double margin,
    double marginDrop,
    Interval marginInterval,
    double neighboursChanged) {}
