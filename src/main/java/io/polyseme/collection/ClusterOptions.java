package io.polyseme.collection;

import java.util.Objects;

/**
 * How a collection is clustered.
 *
 * @param clusters how many clusters k-means finds; 0 for as many as part best; other methods find
 *     their number
 * @param minSize of how many texts a cluster is at least, from 2; those of smaller communities are
 *     in none, as is what HDBSCAN takes for noise; k-means does not mind
 * @param resolution of communities: greater for more and smaller ones; 1 is plain modularity
 * @param examples how many of the most central texts are told of each cluster
 * @param words how many words are told of each cluster
 */
public record ClusterOptions(
    Method method,
    int clusters,
    int minSize,
    double resolution,
    int examples,
    int words,
    long seed) {
  public static final ClusterOptions DEFAULT =
      new ClusterOptions(Method.COMMUNITIES, 0, 5, 1, 3, 10, 42);

  /** What a cluster is. */
  public enum Method {
    /** What is nearer to its mean than to others'. */
    KMEANS,
    /** What has its nearest neighbours among itself, rather than elsewhere. */
    COMMUNITIES,
    /** What lies denser than what is around it. */
    HDBSCAN
  }

  public ClusterOptions {
    Objects.requireNonNull(method, "method");
    if (clusters < 0 || minSize < 2 || examples < 0 || words < 0) {
      throw new IllegalArgumentException(
          "clusters, examples and words must be at least 0, and the least size 2: %d, %d, %d, %d"
              .formatted(clusters, examples, words, minSize));
    }
    if (!(resolution > 0)) {
      throw new IllegalArgumentException("the resolution must be above 0: " + resolution);
    }
    if (clusters > 0 && method != Method.KMEANS) {
      throw new IllegalArgumentException("only k-means is told how many clusters to find");
    }
  }

  public ClusterOptions withMethod(Method method) {
    return new ClusterOptions(method, clusters, minSize, resolution, examples, words, seed);
  }

  /** By k-means. */
  public ClusterOptions withClusters(int clusters) {
    return new ClusterOptions(Method.KMEANS, clusters, minSize, resolution, examples, words, seed);
  }

  public ClusterOptions withMinSize(int minSize) {
    return new ClusterOptions(method, clusters, minSize, resolution, examples, words, seed);
  }

  public ClusterOptions withResolution(double resolution) {
    return new ClusterOptions(method, clusters, minSize, resolution, examples, words, seed);
  }

  public ClusterOptions withExamples(int examples) {
    return new ClusterOptions(method, clusters, minSize, resolution, examples, words, seed);
  }

  public ClusterOptions withWords(int words) {
    return new ClusterOptions(method, clusters, minSize, resolution, examples, words, seed);
  }

  public ClusterOptions withSeed(long seed) {
    return new ClusterOptions(method, clusters, minSize, resolution, examples, words, seed);
  }
}
