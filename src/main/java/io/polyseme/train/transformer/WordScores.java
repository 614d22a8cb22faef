package io.polyseme.train.transformer;

/**
 * How well words that were held out are predicted.
 *
 * @param loss the mean of what a word costs, in nats; its exponential is the perplexity
 * @param accuracy the share whose most probable word is right
 * @param words how many were predicted
 */
public record WordScores(double loss, double accuracy, long words) {
  public double perplexity() {
    return Math.exp(loss);
  }
}
