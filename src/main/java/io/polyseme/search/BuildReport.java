package io.polyseme.search;

import io.polyseme.index.IndexBuilder;
import java.util.List;

/**
 * What building an index came to.
 *
 * @param summary entries added, taken over and removed
 * @param texts how many texts were encoded
 * @param failed how many could not be, and are not in the index
 * @param warnings of the source and the encoder: the first few of each kind
 * @param encodeSeconds until the last text was encoded
 * @param seconds in all
 * @param bytes what the index takes on disk
 */
public record BuildReport(
    IndexBuilder.Summary summary,
    long texts,
    long failed,
    List<String> warnings,
    double encodeSeconds,
    double seconds,
    long bytes) {
  public BuildReport {
    warnings = List.copyOf(warnings);
  }

  /** Texts encoded and indexed a second. */
  public double textsPerSecond() {
    return seconds == 0 ? 0 : texts / seconds;
  }
}
