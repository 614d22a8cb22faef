package io.polyseme.train;

/** Told how a training goes, some times a second, by the thread that called it. */
@FunctionalInterface
public interface TrainingListener {
  /** Tells nobody. */
  TrainingListener NONE = _ -> {};

  void update(TrainingProgress progress);

  /** Whether the training is to wait at the end of each epoch, for {@link #epochEnded}. */
  default boolean waitsForEpochs() {
    return false;
  }

  /**
   * An epoch has ended; the training waits. Called where {@link #waitsForEpochs()} is true.
   *
   * @param epoch from 1
   * @param vectors as they are now; they change when the training goes on
   */
  default void epochEnded(int epoch, TrainedVectors vectors) {}
}
