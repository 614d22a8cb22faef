package io.polyseme.bulk;

/**
 * Told how far a bulk job has come: once before its first text, then after each. Calls come from
 * the thread that runs the job.
 */
@FunctionalInterface
public interface BulkProgress {
  /** Tells nobody. */
  BulkProgress NONE = status -> {};

  void update(Status status);

  /**
   * How far it has come.
   *
   * @param texts how many texts are done, those that failed and those of earlier runs included
   * @param failed how many of them could not be encoded
   * @param tokens how many tokens the texts have
   * @param resumedAt how many texts earlier runs of this job had done
   * @param resumedTokens how many tokens those had
   * @param bytes how much of the input is done
   * @param length of the input; -1 where it is not known
   * @param seconds since this run began
   */
  record Status(
      long texts,
      long failed,
      long tokens,
      long resumedAt,
      long resumedTokens,
      long bytes,
      long length,
      double seconds) {

    /** Of this run. */
    public double textsPerSecond() {
      return rate(texts - resumedAt, seconds);
    }

    /** Of this run. */
    public double tokensPerSecond() {
      return rate(tokens - resumedTokens, seconds);
    }

    static double rate(long count, double seconds) {
      return seconds > 0 ? count / seconds : 0;
    }
  }
}
