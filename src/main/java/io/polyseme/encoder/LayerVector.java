package io.polyseme.encoder;

/**
 * A vector and the layer that it is of.
 *
 * @param layer a number, or a join such as {@code sum(11,12)}
 * @param vector float[dimension]; the receiver's own
 */
public record LayerVector(String layer, float[] vector) {}
