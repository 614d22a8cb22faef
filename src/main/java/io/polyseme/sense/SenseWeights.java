package io.polyseme.sense;

/**
 * How likely a sense is: a log-linear model over its candidates,
 *
 * <pre>p(s) ∝ exp(usage · cos(u, usage(s)) + gloss · cos(u, gloss(s))) · prior(s)^prior</pre>
 *
 * where {@code prior(s) = (n(s) + smoothing) / (N + smoothing K)} of {@code n(s)} usages of the
 * sense among {@code N} of the word's {@code K} senses.
 *
 * @param usage weight of the cosine to the mean of the sense's usages
 * @param gloss weight of the cosine to its gloss
 * @param prior weight of the log of its frequency; 0 to leave it out
 * @param smoothing added to each sense's count
 */
record SenseWeights(double usage, double gloss, double prior, double smoothing) {
  SenseWeights {
    if (!(usage >= 0 && gloss >= 0 && prior >= 0 && smoothing > 0)) {
      throw new IllegalArgumentException(
          "weights must not be negative: %s %s %s %s".formatted(usage, gloss, prior, smoothing));
    }
  }
}
