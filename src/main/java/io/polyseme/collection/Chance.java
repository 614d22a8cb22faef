package io.polyseme.collection;

/**
 * How near two texts of a collection are that were chosen at random; what is nearer than that is so
 * for a reason. It differs much from model to model.
 *
 * @param mean the mean of their cosines
 * @param high what 999 of 1,000 are below
 */
public record Chance(double mean, double high) {}
