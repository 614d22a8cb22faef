package io.polyseme.collection;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.cluster.NeighbourGraph;
import io.polyseme.vector.TopK;
import java.util.ArrayList;
import java.util.List;

/**
 * The texts of a collection that are far from all others. A text that is there several times counts
 * once. Time and memory are as for {@link ParaphraseMining}; the outcome does not depend on the
 * number of threads. Thread-safe.
 */
public final class Outliers {
  /** Nearer than this counts as this near, so that a density is finite. */
  private static final double NEAREST = 1e-3;

  private final TextCollection texts;
  private final OutlierOptions options;

  /**
   * @param texts stay the caller's to close
   */
  public Outliers(TextCollection texts, OutlierOptions options) {
    this.texts = texts;
    this.options = options;
  }

  /**
   * The farthest ones.
   *
   * @param top at most so many, from 1
   * @return farthest first; of equally far ones that which comes first in the index
   */
  public List<Outlier> farthest(int top, Progress progress, Cancel cancel) {
    NeighbourGraph graph = texts.neighbours(options.neighbours(), progress, cancel);
    double[] scores =
        switch (options.measure()) {
          case DISTANCE -> distances(graph);
          case LOF -> factors(graph);
        };
    var best = new TopK(top, Integer::compare);
    for (int row = 0; row < scores.length; row++) {
      best.offer(row, scores[row]);
    }
    TopK.Best farthest = best.drain();
    var outliers = new ArrayList<Outlier>();
    for (int i = 0; i < farthest.rows().length; i++) {
      int row = farthest.rows()[i];
      boolean alone = graph.count(row) == 0;
      outliers.add(
          new Outlier(
              i + 1,
              farthest.scores()[i],
              texts.member(row),
              alone ? null : texts.member(graph.neighbour(row, 0)),
              alone ? 0 : graph.cosine(row, 0)));
    }
    return outliers;
  }

  /** What has no neighbour (a vector of zeros, say) is as far as can be told. */
  private static double[] distances(NeighbourGraph graph) {
    var distances = new double[graph.size()];
    for (int row = 0; row < distances.length; row++) {
      int count = graph.count(row);
      double sum = 0;
      for (int i = 0; i < count; i++) {
        sum += graph.cosine(row, i);
      }
      distances[row] = count == 0 ? 1 : 1 - sum / count;
    }
    return distances;
  }

  private static double[] factors(NeighbourGraph graph) {
    var densities = new double[graph.size()];
    for (int row = 0; row < densities.length; row++) {
      int count = graph.count(row);
      double sum = 0;
      for (int i = 0; i < count; i++) {
        int other = graph.neighbour(row, i);
        // Not nearer than the other's own farthest neighbour: the paper's reachability distance.
        int last = graph.count(other) - 1;
        double reach = last < 0 ? NEAREST : distance(graph, other, last);
        sum += Math.max(reach, distance(graph, row, i));
      }
      densities[row] = count == 0 ? 1 : count / sum;
    }
    var factors = new double[graph.size()];
    for (int row = 0; row < factors.length; row++) {
      int count = graph.count(row);
      double sum = 0;
      for (int i = 0; i < count; i++) {
        sum += densities[graph.neighbour(row, i)];
      }
      factors[row] = count == 0 ? 1 : sum / count / densities[row];
    }
    return factors;
  }

  private static double distance(NeighbourGraph graph, int row, int i) {
    return Math.max(NEAREST, Math.sqrt(Math.max(0, 2 - 2 * graph.cosine(row, i))));
  }
}
