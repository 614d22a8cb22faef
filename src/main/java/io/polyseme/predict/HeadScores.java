package io.polyseme.predict;

/**
 * How well masked words were predicted.
 *
 * @param words how many there were
 * @param top1 the share of those that got the highest score
 * @param top10 the share of those among the ten highest
 * @param crossEntropy the mean of -ln p(word) under the softmax over the whole vocabulary
 */
public record HeadScores(int words, double top1, double top10, double crossEntropy) {
  /** e to the power of the cross entropy: among how many equally likely words each was chosen. */
  public double perplexity() {
    return Math.exp(crossEntropy);
  }
}
