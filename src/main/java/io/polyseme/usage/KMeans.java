package io.polyseme.usage;

import io.polyseme.Cancel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A given number of clusters with the least sum of squared distances to their means (Lloyd 1982),
 * from starts by k-means++ (Arthur and Vassilvitskii 2007), the best of several.
 */
final class KMeans {
  private static final int STARTS = 10;
  private static final int ROUNDS = 100;

  private KMeans() {}

  /**
   * @param k from 1 to the number of vectors
   * @return the number of each vector's cluster, from 0
   */
  static int[] of(List<float[]> vectors, int k, long seed, Cancel cancel) {
    var random = new SplittableRandom(seed);
    int[] best = new int[vectors.size()];
    double least = Double.POSITIVE_INFINITY;
    for (int start = 0; start < STARTS; start++) {
      cancel.check();
      var clusters = new int[vectors.size()];
      double sum = run(vectors, starts(vectors, k, random), clusters);
      if (sum < least) {
        least = sum;
        best = clusters;
      }
    }
    return best;
  }

  private static double[][] starts(List<float[]> vectors, int k, SplittableRandom random) {
    var means = new double[k][];
    means[0] = doubles(vectors.get(random.nextInt(vectors.size())));
    var distances = new double[vectors.size()];
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
    for (int m = 1; m < k; m++) {
      double total = 0;
      for (int i = 0; i < distances.length; i++) {
        distances[i] = Math.min(distances[i], distance(vectors.get(i), means[m - 1]));
        total += distances[i];
      }
      double at = random.nextDouble() * total;
      int chosen = 0;
      while (chosen < distances.length - 1 && (at -= distances[chosen]) > 0) {
        chosen++;
      }
      means[m] = doubles(vectors.get(chosen));
    }
    return means;
  }

  private static double run(List<float[]> vectors, double[][] means, int[] clusters) {
    double sum = Double.POSITIVE_INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
      double now = 0;
      for (int i = 0; i < clusters.length; i++) {
        double least = Double.POSITIVE_INFINITY;
        for (int m = 0; m < means.length; m++) {
          double distance = distance(vectors.get(i), means[m]);
          if (distance < least) {
            least = distance;
            clusters[i] = m;
          }
        }
        now += least;
      }
      if (now >= sum) {
        break;
      }
      sum = now;
      for (int m = 0; m < means.length; m++) {
        var of = new ArrayList<float[]>();
        for (int i = 0; i < clusters.length; i++) {
          if (clusters[i] == m) {
            of.add(vectors.get(i));
          }
        }
        if (!of.isEmpty()) {
          double[] mean = Means.sum(of);
          for (int d = 0; d < mean.length; d++) {
            mean[d] /= of.size();
          }
          means[m] = mean;
        }
      }
    }
    return sum;
  }

  private static double[] doubles(float[] vector) {
    var doubles = new double[vector.length];
    for (int d = 0; d < doubles.length; d++) {
      doubles[d] = vector[d];
    }
    return doubles;
  }

  private static double distance(float[] vector, double[] mean) {
    double sum = 0;
    for (int d = 0; d < mean.length; d++) {
      double x = vector[d] - mean[d];
      sum += x * x;
    }
    return sum;
  }
}
