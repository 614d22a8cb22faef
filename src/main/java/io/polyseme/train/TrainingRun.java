package io.polyseme.train;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a training begins with and what it leaves while it runs. Immutable; start at {@link
 * #DEFAULT}.
 *
 * @param checkpoint a file that says how far the training is, from which one with the same text and
 *     options goes on after it was killed or cancelled; null for none. It takes twice the room of
 *     the vectors. What is to become of it when the vectors are safe is for the caller to say.
 * @param interval how long at most is trained without a checkpoint; more than a minute of training
 *     ends with one too
 * @param start what it begins with; the text was to be read with the same
 * @param listener told how it goes
 */
public record TrainingRun(
    @Nullable Path checkpoint, Duration interval, TrainingStart start, TrainingListener listener) {
  /** No checkpoint, random beginnings, nobody told. */
  public static final TrainingRun DEFAULT =
      new TrainingRun(null, Duration.ofMinutes(5), TrainingStart.RANDOM, TrainingListener.NONE);

  public TrainingRun {
    Objects.requireNonNull(start, "start");
    Objects.requireNonNull(listener, "listener");
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("the interval must be positive: " + interval);
    }
  }

  public TrainingRun withCheckpoint(@Nullable Path checkpoint, Duration interval) {
    return new TrainingRun(checkpoint, interval, start, listener);
  }

  public TrainingRun withStart(TrainingStart start) {
    return new TrainingRun(checkpoint, interval, start, listener);
  }

  public TrainingRun withListener(TrainingListener listener) {
    return new TrainingRun(checkpoint, interval, start, listener);
  }
}
