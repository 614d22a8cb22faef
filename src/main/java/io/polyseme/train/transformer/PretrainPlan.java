package io.polyseme.train.transformer;

/**
 * What a training is going to be, known before its first step.
 *
 * @param texts that were read
 * @param leftOut those that could not be read
 * @param tokens that are learned from
 * @param heldOutTokens that are measured with
 * @param unknown the share of tokens that the vocabulary does not have
 * @param pieces of the vocabulary
 * @param weights how many numbers are trained
 * @param bytes of memory outside Java's heap, roughly
 * @param steps in all
 * @param done of these by an earlier run, with which this one goes on
 * @param stepTokens tokens of a step
 * @param secondsPerStep by some steps tried
 * @param stepOperations operations of matrix products of a step
 * @param matrixSpeed operations a second that products alone reach here
 * @param floor what the frequency of words alone gets
 */
public record PretrainPlan(
    long texts,
    LeftOut leftOut,
    long tokens,
    long heldOutTokens,
    double unknown,
    int pieces,
    long weights,
    long bytes,
    int steps,
    int done,
    int stepTokens,
    double secondsPerStep,
    double stepOperations,
    double matrixSpeed,
    WordScores floor) {
  /** Seconds that are left. */
  public double secondsLeft() {
    return secondsPerStep * (steps - done);
  }

  /** How often the text is gone through. */
  public double passes() {
    return (double) steps * stepTokens / tokens;
  }
}
