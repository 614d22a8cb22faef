package io.polyseme.evaluate;

import io.polyseme.sense.UsageMix;
import org.jspecify.annotations.Nullable;

/**
 * Which usages senses are induced from, to measure it. Immutable; start at {@link #DEFAULT}.
 *
 * @param balanced how many usages of each sense a balanced sample has, as far as there are so many
 * @param draws how many balanced samples there are
 * @param natural how many usages the natural sample has at most
 * @param seed of the first draw; the others have those that follow
 * @param mix what a usage's vector is made of; null for the word in the last third of the layers,
 *     and the text in the last
 */
public record InductionSamples(
    int balanced, int draws, int natural, long seed, @Nullable UsageMix mix) {
  /** Ten samples of up to 50 usages a sense, and 250 as they come. */
  public static final InductionSamples DEFAULT = new InductionSamples(50, 10, 250, 1, null);

  public InductionSamples {
    if (balanced < 1 || draws < 1 || natural < 1) {
      throw new IllegalArgumentException(
          "samples must have at least one usage, and be at least one: %d, %d, %d"
              .formatted(balanced, draws, natural));
    }
  }

  public InductionSamples withBalanced(int balanced) {
    return new InductionSamples(balanced, draws, natural, seed, mix);
  }

  public InductionSamples withDraws(int draws) {
    return new InductionSamples(balanced, draws, natural, seed, mix);
  }

  public InductionSamples withNatural(int natural) {
    return new InductionSamples(balanced, draws, natural, seed, mix);
  }

  public InductionSamples withSeed(long seed) {
    return new InductionSamples(balanced, draws, natural, seed, mix);
  }

  public InductionSamples withMix(UsageMix mix) {
    return new InductionSamples(balanced, draws, natural, seed, mix);
  }
}
