package io.polyseme.vector;

/**
 * What made the vectors of a space. Vectors of different makers cannot be compared.
 *
 * @param model the encoder's name, or of what else the vectors come
 * @param fingerprint SHA-256 of the model file in hex; empty where there is no model
 * @param layer the layers and how they are joined, as {@code Layers.toString} writes them
 * @param pooling how pieces or tokens became one vector
 */
public record Maker(String model, String fingerprint, String layer, String pooling) {
  /** Vectors that came from outside. */
  public static final Maker UNKNOWN = new Maker("", "", "", "");
}
