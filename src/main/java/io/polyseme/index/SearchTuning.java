package io.polyseme.index;

import io.polyseme.vector.Similarity;
import java.util.List;
import java.util.Optional;

/**
 * What searches of an index cost, and what they find, by how hard they look.
 *
 * @param sampled how many vectors of the index were asked for their neighbours, each without itself
 * @param k how many neighbours each
 * @param recall the recall that was asked for, from 0 to 1
 * @param settings in ascending order of efSearch
 * @param exactMillis the mean time of an exact search, from a few of the sample
 * @param vectorBytes of the full vectors, of which a search reads those of its best candidates
 * @param graphBytes of what every search reads: links and quantised vectors; mapped, not on the
 *     heap
 */
public record SearchTuning(
    long size,
    int dimension,
    Similarity similarity,
    Encoding encoding,
    int sampled,
    int k,
    double recall,
    List<Setting> settings,
    double exactMillis,
    long vectorBytes,
    long graphBytes) {
  public SearchTuning {
    settings = List.copyOf(settings);
  }

  /**
   * One way to search, in one thread.
   *
   * @param efSearch how many candidates are kept
   * @param recall recall@k: the mean share of the exact answer that was found, from 0 to 1
   * @param meanVisited how many vectors were compared, on average
   * @param medianMicros half of the searches took no longer; 95 and 99 in a hundred likewise
   */
  public record Setting(
      int efSearch,
      double recall,
      double meanVisited,
      double queriesPerSecond,
      double medianMicros,
      double p95Micros,
      double p99Micros) {}

  /** The fastest setting with the recall that was asked for; empty where none has it. */
  public Optional<Setting> recommended() {
    return settings.stream().filter(setting -> setting.recall() >= recall).findFirst();
  }
}
