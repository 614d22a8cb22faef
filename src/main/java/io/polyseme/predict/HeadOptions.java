package io.polyseme.predict;

/**
 * How a masked-word head is learned. Immutable; start at {@link #DEFAULT}.
 *
 * @param tokens how many tokens of the text are read at most, special ones not counted
 * @param epochs how often what was read is gone through
 * @param masked the share of tokens that are masked, all by the mask token: the encoder does not
 *     learn, so that nothing is won by leaving some as they are
 * @param heldOut the share of texts, chosen by their hash, that is not learned from
 * @param window the most tokens of a text that are read together
 * @param samples how many words the scores of a batch are held against (sampled softmax)
 * @param batch how many masked words make one step
 * @param rate the highest learning rate
 * @param layer whose hidden states are read; -1 for the one from which a linear map brings the
 *     nearest to the masked words
 * @param sample by how many masked words that layer is chosen, and the tuned lens learned
 * @param lens whether the translators of the tuned lens are learned, too
 * @param seed of all that is random
 * @param threads at least 1; the outcome does not depend on it
 */
public record HeadOptions(
    long tokens,
    int epochs,
    double masked,
    double heldOut,
    int window,
    int samples,
    int batch,
    double rate,
    int layer,
    int sample,
    boolean lens,
    long seed,
    int threads) {
  /** A million tokens, three times. */
  public static final HeadOptions DEFAULT =
      new HeadOptions(
          1_000_000,
          3,
          0.15,
          0.02,
          128,
          1024,
          256,
          1e-3,
          -1,
          16_000,
          true,
          1,
          Runtime.getRuntime().availableProcessors());

  public HeadOptions {
    require(tokens > 0, "tokens must be at least 1: " + tokens);
    require(epochs > 0, "epochs must be at least 1: " + epochs);
    require(masked > 0 && masked < 1, "the share of masked tokens lies between 0 and 1: " + masked);
    require(heldOut > 0 && heldOut < 1, "the share held out lies between 0 and 1: " + heldOut);
    require(window > 1, "a window has at least 2 tokens: " + window);
    require(samples > 0, "samples must be at least 1: " + samples);
    require(batch > 0, "a batch has at least 1 word: " + batch);
    require(rate > 0, "the learning rate must be above 0: " + rate);
    require(layer >= -1, "there is no layer " + layer);
    require(sample > 99, "the sample must have at least 100 words: " + sample);
    require(threads > 0, "threads must be at least 1: " + threads);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  public HeadOptions withTokens(long tokens) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }

  public HeadOptions withEpochs(int epochs) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }

  public HeadOptions withMasked(double masked) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }

  public HeadOptions withHeldOut(double heldOut) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }

  public HeadOptions withSamples(int samples) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }

  public HeadOptions withBatch(int batch) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }

  public HeadOptions withRate(double rate) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }

  public HeadOptions withLens(boolean lens) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }

  public HeadOptions withLayer(int layer) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }

  public HeadOptions withSample(int sample) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }

  public HeadOptions withSeed(long seed) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }

  public HeadOptions withThreads(int threads) {
    return new HeadOptions(
        tokens, epochs, masked, heldOut, window, samples, batch, rate, layer, sample, lens, seed,
        threads);
  }
}
