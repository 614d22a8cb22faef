package io.polyseme.model;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A model that is known or in the cache.
 *
 * @param bytes of the ONNX file
 * @param maven coordinates of the jar that it lies in; empty where it is not from one
 * @param onnx where the file is; null where it is not in the cache yet
 */
public record ModelListing(
    ModelCard card, State state, long bytes, String maven, @Nullable Path onnx) {
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
