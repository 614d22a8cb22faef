package io.polyseme.search;

import io.polyseme.index.IndexBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
 * @param documents what became of the documents; null for a source without such
 */
public record BuildReport(
    IndexBuilder.Summary summary,
    long texts,
    long failed,
    List<String> warnings,
    double encodeSeconds,
    double seconds,
    long bytes,
    @Nullable DocumentsReport documents) {
  /** Of a source without documents. */
  BuildReport(
      IndexBuilder.Summary summary,
      long texts,
      long failed,
      List<String> warnings,
      double encodeSeconds,
      double seconds,
      long bytes) {
    this(summary, texts, failed, warnings, encodeSeconds, seconds, bytes, null);
  }

  public BuildReport {
    warnings = List.copyOf(warnings);
  }

  /** Texts encoded and indexed a second. */
  public double textsPerSecond() {
    return seconds == 0 ? 0 : texts / seconds;
  }
}
