package io.polyseme.train.transformer;

/** Told how a training goes, by the thread that trains. */
public interface PretrainListener {
  /** Listens to nothing. */
  PretrainListener NONE = new PretrainListener() {};

  /** Told after each step. */
  default void update(PretrainProgress progress) {}

  /** Told when text that was held out was measured. */
  default void measured(Curve.Point point) {}
}
