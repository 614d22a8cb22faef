package io.polyseme.collection;

/**
 * A text whose class is known.
 *
 * @param vector of the model of those that are to be classified; not to be changed
 */
public record ClassExample(float[] vector, String className) {}
