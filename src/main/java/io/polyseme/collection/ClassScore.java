package io.polyseme.collection;

/**
 * How likely a class is.
 *
 * @param probability from 0 to 1; those of all classes sum to 1
 */
public record ClassScore(String className, double probability) {}
