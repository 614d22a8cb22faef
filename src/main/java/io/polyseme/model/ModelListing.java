package io.polyseme.model;

/**
 * A model that is known or in the cache.
 *
 * @param bytes of the ONNX file
 * @param maven coordinates of the jar that it lies in; empty where it is not from one
 */
public record ModelListing(ModelCard card, State state, long bytes, String maven) {
  /** Where a model is. */
  public enum State {
    /** On the class path; unpacked when it is first used. */
    BUNDLED,
    /** Unpacked or fetched already. */
    CACHED,
    /** To be fetched when it is first used. */
    AVAILABLE
  }
}
