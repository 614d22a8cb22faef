package io.polyseme.collection;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.cluster.KMeans;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.RandomOrder;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.SplittableRandom;

/**
 * How many clusters k-means is asked for if nobody says: of some numbers that with the greatest
 * mean silhouette (Rousseeuw 1987), by the distances to means rather than to all others (Hruschka,
 * de Castro and Campello 2004, "Evolutionary Algorithms for Clustering Gene-Expression Data").
 */
final class ClusterCount {
  private static final int SAMPLE = 5_000;
  private static final int MOST = 200;
  private static final double STEP = 1.3;

  private ClusterCount() {}

  static int of(LabelledRows rows, long seed, int threads, Progress progress, Cancel cancel) {
    LabelledRows sample = sample(rows, seed);
    int most = Math.min(MOST, sample.size() / 2);
    var counts = new ArrayList<Integer>();
    for (double count = 2; count <= most; count = Math.max(count + 1, count * STEP)) {
      counts.add((int) count);
    }
    int best = 1;
    double greatest = Double.NEGATIVE_INFINITY;
    int done = 0;
    for (int count : counts) {
      progress.update("choosing the number of clusters", done++, counts.size());
      double silhouette =
          silhouette(
              sample, KMeans.of(sample, count, seed, threads, Progress.NONE, cancel), cancel);
      if (silhouette > greatest) {
        greatest = silhouette;
        best = count;
      }
    }
    progress.update("choosing the number of clusters", counts.size(), counts.size());
    return best;
  }

  private static LabelledRows sample(LabelledRows rows, long seed) {
    if (rows.size() <= SAMPLE) {
      return rows;
    }
    var random = new SplittableRandom(seed);
    var sample = new ArrayList<float[]>(SAMPLE);
    for (int row : RandomOrder.sampled(rows.size(), SAMPLE, random)) {
      var vector = new float[rows.dimension()];
      rows.copyRow(row, vector);
      sample.add(vector);
    }
    return LabelledRows.numbered(sample);
  }

  private static double silhouette(LabelledRows rows, KMeans found, Cancel cancel) {
    var row = new float[rows.dimension()];
    double sum = 0;
    for (int i = 0; i < rows.size(); i++) {
      if (i % 256 == 0) {
        cancel.check();
      }
      rows.copyRow(i, row);
      double own = 0;
      double nearest = Double.POSITIVE_INFINITY;
      for (int m = 0; m < found.means().length; m++) {
        float[] mean = found.means()[m];
        double distance =
            Math.sqrt(
                Math.max(
                    0,
                    Vectors.squaredNorm(row)
                        + Vectors.squaredNorm(mean)
                        - 2.0 * Vectors.dot(row, mean)));
        if (m == found.clusters()[i]) {
          own = distance;
        } else {
          nearest = Math.min(nearest, distance);
        }
      }
      double greater = Math.max(own, nearest);
      sum += greater == 0 ? 0 : (nearest - own) / greater;
    }
    return sum / rows.size();
  }
}
