package io.polyseme.train.transformer;

/**
 * What an adaptation is going to be.
 *
 * @param leftOut texts that could not be read
 * @param sentences of the text
 * @param drawnFrom how many of them are kept to draw from
 * @param words different ones that are contrasted
 * @param weights of the model
 * @param trained how many numbers are trained
 * @param steps in all
 * @param done of these by an earlier run
 * @param secondsPerStep by some steps tried
 */
public record AdaptPlan(
    LeftOut leftOut,
    long sentences,
    int drawnFrom,
    int words,
    long weights,
    long trained,
    int steps,
    int done,
    double secondsPerStep) {
  /** Seconds that are left. */
  public double secondsLeft() {
    return secondsPerStep * (steps - done);
  }
}
