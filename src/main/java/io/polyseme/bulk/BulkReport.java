package io.polyseme.bulk;

import java.nio.file.Path;
import java.util.List;

/**
 * What a bulk job did.
 *
 * @param files what it wrote, the file of vectors first
 * @param texts how many texts there were, those that failed and those of earlier runs included
 * @param failed how many of them could not be encoded
 * @param tokens how many tokens the texts have, without special ones
 * @param resumedAt how many texts earlier runs of this job had done
 * @param resumedTokens how many tokens those had
 * @param seconds that this run took
 * @param bytes the length of the files
 * @param warnings the first texts that could not be encoded, and what else should be known
 */
public record BulkReport(
    List<Path> files,
    long texts,
    long failed,
    long tokens,
    long resumedAt,
    long resumedTokens,
    double seconds,
    long bytes,
    List<String> warnings) {
  public BulkReport {
    files = List.copyOf(files);
    warnings = List.copyOf(warnings);
  }

  /** Of this run. */
  public double textsPerSecond() {
    return BulkProgress.Status.rate(texts - resumedAt, seconds);
  }

  /** Of this run. */
  public double tokensPerSecond() {
    return BulkProgress.Status.rate(tokens - resumedTokens, seconds);
  }
}
