package io.polyseme.train;

/** Told how a training goes, some times a second, by the thread that called it. */
@FunctionalInterface
public interface TrainingListener {
  /** Tells nobody. */
  TrainingListener NONE = _ -> {};

  void update(TrainingProgress progress);
}
