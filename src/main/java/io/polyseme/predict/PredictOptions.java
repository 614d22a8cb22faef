package io.polyseme.predict;

import java.util.List;

/**
 * What is asked of a prediction. Immutable; start at {@link #DEFAULT}.
 *
 * @param top how many words are given for each place and layer
 * @param layers whose states the head reads, from 0 for the embeddings; none for the one that the
 *     head is made for
 * @param raw whether other layers are read as they are, though the model has a tuned lens
 */
public record PredictOptions(int top, List<Integer> layers, boolean raw) {
  /** Ten words, by the head's own layer. */
  public static final PredictOptions DEFAULT = new PredictOptions(10, List.of(), false);

  public PredictOptions {
    layers = List.copyOf(layers);
    if (top < 1) {
      throw new IllegalArgumentException("top must be at least 1: " + top);
    }
  }

  public PredictOptions withTop(int top) {
    return new PredictOptions(top, layers, raw);
  }

  public PredictOptions withLayers(List<Integer> layers) {
    return new PredictOptions(top, layers, raw);
  }

  public PredictOptions withRaw(boolean raw) {
    return new PredictOptions(top, layers, raw);
  }
}
