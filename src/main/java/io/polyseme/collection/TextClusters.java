package io.polyseme.collection;

import java.util.List;

/**
 * The clusters of a collection; found by {@link Clustering}. Thread-safe; not to be used after the
 * collection is closed.
 */
public final class TextClusters {
  private final TextCollection texts;
  private final List<TextCluster> clusters;
  private final int[] of;
  private final float[] scores;
  private final int noise;

  /** Takes one entry. */
  @FunctionalInterface
  public interface Sink {
    /**
     * @param label of the entry
     * @param cluster its cluster's number, from 1; 0 where it is in none
     * @param score its cosine with the cluster's mean, and 0 where it is in none
     */
    void entry(String label, int cluster, double score);
  }

  TextClusters(TextCollection texts, List<TextCluster> clusters, int[] of, float[] scores) {
    this.texts = texts;
    this.clusters = List.copyOf(clusters);
    this.of = of;
    this.scores = scores;
    int none = 0;
    for (int entry = 0; entry < texts.entries(); entry++) {
      none += of[texts.row(entry)] < 0 ? 1 : 0;
    }
    this.noise = none;
  }

  /** The clusters, that with the most entries first. */
  public List<TextCluster> clusters() {
    return clusters;
  }

  /** How many entries are in no cluster. */
  public int noise() {
    return noise;
  }

  /** Tells of every entry, in the order of the index. */
  public void forEach(Sink sink) {
    for (int entry = 0; entry < texts.entries(); entry++) {
      int row = texts.row(entry);
      sink.entry(texts.label(entry), of[row] + 1, of[row] < 0 ? 0 : scores[row]);
    }
  }
}
