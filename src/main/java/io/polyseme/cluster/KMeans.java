package io.polyseme.cluster;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Parallel;
import io.polyseme.vector.RandomOrder;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A given number of clusters with the least sum of squared distances to their means (Lloyd 1982),
 * from starts by k-means++ (Arthur and Vassilvitskii 2007), the best of several. Of vectors of unit
 * length this is spherical k-means but for the length of the means (Dhillon and Modha 2001).
 *
 * <p>Of many vectors the starts are tried on a sample, and the best is improved on all of them
 * (Bradley and Fayyad 1998, "Refining Initial Points for K-Means Clustering"), which are read block
 * by block and never held. The outcome does not depend on the number of threads.
 *
 * @param clusters the number of each vector's cluster, from 0; not to be changed
 * @param means float[k][dimension]; of a cluster that has lost all its vectors the last it had; not
 *     to be changed
 * @param distances the sum of the squared distances to the means
 */
public record KMeans(int[] clusters, float[][] means, double distances) {
  private static final int STARTS = 10;
  private static final int ROUNDS = 100;

  /** So many vectors at most are looked at for a start, or {@value #SAMPLE_EACH} a cluster. */
  private static final int SAMPLE = 10_000;

  private static final int SAMPLE_EACH = 50;

  /** So many multiplications of one round are few: all starts are tried. */
  private static final double QUICK = 1e7;

  private static final int FEW_STARTS = 3;

  /** All vectors are gone through until a round improves the sum by less than this share. */
  private static final double ENOUGH = 1e-4;

  /** Fixed, so that a sum does not depend on the machine. */
  private static final int BLOCKS = 16;

  /**
   * Finds clusters.
   *
   * @param k from 1 to the number of vectors
   * @param threads at least 1
   */
  public static KMeans of(
      LabelledRows rows, int k, long seed, int threads, Progress progress, Cancel cancel) {
    if (k < 1 || k > rows.size()) {
      throw new IllegalArgumentException(
          "%d vectors cannot be in %d clusters".formatted(rows.size(), k));
    }
    var random = new SplittableRandom(seed);
    int enough = Math.max(SAMPLE, SAMPLE_EACH * k);
    if (rows.size() <= enough) {
      return best(rows, k, random, threads, progress, cancel);
    }
    var sample = new ArrayList<float[]>(enough);
    for (int row : RandomOrder.sampled(rows.size(), enough, random)) {
      sample.add(row(rows, row));
    }
    float[][] means =
        best(LabelledRows.numbered(sample), k, random, threads, progress, cancel).means;
    return improved(rows, means, ENOUGH, threads, progress, cancel);
  }

  private static KMeans best(
      LabelledRows rows,
      int k,
      SplittableRandom random,
      int threads,
      Progress progress,
      Cancel cancel) {
    double work = (double) rows.size() * k * rows.dimension();
    int starts = k == 1 ? 1 : work <= QUICK ? STARTS : FEW_STARTS;
    KMeans best = null;
    for (int start = 0; start < starts; start++) {
      cancel.check();
      progress.update("trying starts of k-means", start, starts);
      KMeans found =
          improved(
              rows,
              starts(rows, k, random, cancel),
              work <= QUICK ? 0 : ENOUGH,
              work <= QUICK ? 1 : threads,
              Progress.NONE,
              cancel);
      if (best == null || found.distances < best.distances) {
        best = found;
      }
    }
    progress.update("trying starts of k-means", starts, starts);
    return best;
  }

  private static float[][] starts(
      LabelledRows rows, int k, SplittableRandom random, Cancel cancel) {
    var means = new float[k][];
    means[0] = row(rows, random.nextInt(rows.size()));
    var row = new float[rows.dimension()];
    var distances = new double[rows.size()];
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
    for (int m = 1; m < k; m++) {
      cancel.check();
      float[] mean = means[m - 1];
      double squares = Vectors.squaredNorm(mean);
      double total = 0;
      for (int i = 0; i < distances.length; i++) {
        rows.copyRow(i, row);
        double distance = Vectors.squaredNorm(row) + squares - 2 * Vectors.dot(row, mean);
        distances[i] = Math.min(distances[i], Math.max(0, distance));
        total += distances[i];
      }
      double at = random.nextDouble() * total;
      int chosen = 0;
      while (chosen < distances.length - 1 && (at -= distances[chosen]) > 0) {
        chosen++;
      }
      means[m] = row(rows, chosen);
    }
    return means;
  }

  private static float[] row(LabelledRows rows, int row) {
    var vector = new float[rows.dimension()];
    rows.copyRow(row, vector);
    return vector;
  }

  /** What one block of vectors adds to the next means. */
  private static final class Block {
    private final double[][] sums;
    private final int[] counts;
    private double distances;

    Block(int k, int dimension) {
      this.sums = new double[k][dimension];
      this.counts = new int[k];
    }
  }

  private static KMeans improved(
      LabelledRows rows,
      float[][] means,
      double enough,
      int threads,
      Progress progress,
      Cancel cancel) {
    var clusters = new int[rows.size()];
    double sum = Double.POSITIVE_INFINITY;
    for (int round = 1; round <= ROUNDS; round++) {
      float[][] now = means;
      var blocks = new Block[BLOCKS];
      Parallel.forEach(
          BLOCKS,
          threads,
          () -> new float[rows.dimension()],
          (row, block) -> blocks[block] = assign(rows, block, now, clusters, row, cancel),
          "k-means, round " + round,
          progress,
          cancel);
      double distances = 0;
      for (Block block : blocks) {
        distances += block.distances;
      }
      boolean converged = distances >= sum * (1 - enough);
      sum = distances;
      if (converged) {
        break;
      }
      if (round < ROUNDS) {
        means = means(List.of(blocks), now);
      }
    }
    return new KMeans(clusters, means, sum);
  }

  private static Block assign(
      LabelledRows rows, int number, float[][] means, int[] clusters, float[] row, Cancel cancel) {
    int from = (int) ((long) rows.size() * number / BLOCKS);
    int to = (int) ((long) rows.size() * (number + 1) / BLOCKS);
    var block = new Block(means.length, row.length);
    var halves = new double[means.length];
    Arrays.setAll(halves, m -> Vectors.squaredNorm(means[m]) / 2.0);
    for (int i = from; i < to; i++) {
      if (i % 1024 == 0) {
        cancel.check();
      }
      rows.copyRow(i, row);
      int nearest = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int m = 0; m < means.length; m++) {
        // Half of the squared distance, without what all means have alike.
        double distance = halves[m] - Vectors.dot(row, means[m]);
        if (distance < least) {
          least = distance;
          nearest = m;
        }
      }
      clusters[i] = nearest;
      block.distances += Math.max(0, Vectors.squaredNorm(row) + 2 * least);
      block.counts[nearest]++;
      double[] sums = block.sums[nearest];
      for (int d = 0; d < row.length; d++) {
        sums[d] += row[d];
      }
    }
    return block;
  }

  private static float[][] means(List<Block> blocks, float[][] before) {
    var means = new float[before.length][];
    for (int m = 0; m < means.length; m++) {
      long count = 0;
      var sum = new double[before[m].length];
      for (Block block : blocks) {
        count += block.counts[m];
        for (int d = 0; d < sum.length; d++) {
          sum[d] += block.sums[m][d];
        }
      }
      means[m] = before[m];
      if (count > 0) {
        means[m] = new float[sum.length];
        for (int d = 0; d < sum.length; d++) {
          means[m][d] = (float) (sum[d] / count);
        }
      }
    }
    return means;
  }
}
