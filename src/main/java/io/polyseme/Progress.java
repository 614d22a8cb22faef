package io.polyseme;

/**
 * Told how far a long piece of work has come. Calls come from whichever thread does the work, one
 * at a time.
 */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress NONE = (task, done, total) -> {};

  /**
   * @param task what is being done, for a person ("encoding"); another task may follow
   * @param done how much is done, at most {@code total} where that is known
   * @param total how much there is to do, or -1 where it is not known
   */
  void update(String task, long done, long total);
}
