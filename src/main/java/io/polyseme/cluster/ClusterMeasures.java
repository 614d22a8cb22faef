package io.polyseme.cluster;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * How well found clusters agree with known ones. All are 1 where the two are the same up to their
 * numbers; swapping the two exchanges homogeneity with completeness and precision with recall, and
 * changes nothing else.
 *
 * @param homogeneity 1 where each found cluster has items of one known cluster only (Rosenberg and
 *     Hirschberg 2007, "V-Measure: A Conditional Entropy-Based External Cluster Evaluation
 *     Measure")
 * @param completeness 1 where the items of each known cluster are in one found cluster
 * @param vMeasure the harmonic mean of homogeneity and completeness; favours many clusters
 * @param pairPrecision of the pairs in one found cluster, the share that is in one known cluster
 * @param pairRecall of the pairs in one known cluster, the share that is in one found cluster
 * @param pairedF their harmonic mean; favours few clusters
 * @param bCubedPrecision the mean over items of the share of the item's found cluster that is in
 *     its known one (Bagga and Baldwin 1998; Amigó, Gonzalo, Artiles and Verdejo 2009)
 * @param bCubedRecall the mean over items of the share of the item's known cluster that is in its
 *     found one
 * @param bCubedF their harmonic mean
 * @param adjustedRand agreement on pairs beyond chance (Hubert and Arabie 1985, "Comparing
 *     partitions"): 0 is what numbers at random give, at least -0.5
 */
public record ClusterMeasures(
    double homogeneity,
    double completeness,
    double vMeasure,
    double pairPrecision,
    double pairRecall,
    double pairedF,
    double bCubedPrecision,
    double bCubedRecall,
    double bCubedF,
    double adjustedRand) {

  /**
   * Compares clusters with known ones.
   *
   * @param known the number of each item's known cluster; any numbers
   * @param found the number of each item's found cluster
   * @throws IllegalArgumentException if the two are not of one length, or empty
   */
  public static ClusterMeasures of(int[] known, int[] found) {
    if (known.length != found.length || known.length == 0) {
      throw new IllegalArgumentException(
          "each of the items needs a known and a found cluster: %d and %d"
              .formatted(known.length, found.length));
    }
    long[][] table = table(known, found);
    int n = known.length;
    var rows = new long[table.length];
    var columns = new long[table[0].length];
    double both = 0;
    long pairs = 0;
    double precision = 0;
    double recall = 0;
    for (int r = 0; r < rows.length; r++) {
      for (int c = 0; c < columns.length; c++) {
        rows[r] += table[r][c];
        columns[c] += table[r][c];
      }
    }
    for (int r = 0; r < rows.length; r++) {
      for (int c = 0; c < columns.length; c++) {
        long count = table[r][c];
        both += entropy(count, n);
        pairs += pairs(count);
        precision += (double) count * count / columns[c] / n;
        recall += (double) count * count / rows[r] / n;
      }
    }
    double ofKnown = Arrays.stream(rows).mapToDouble(count -> entropy(count, n)).sum();
    double ofFound = Arrays.stream(columns).mapToDouble(count -> entropy(count, n)).sum();
    double shared = Math.max(0, ofKnown + ofFound - both);
    double homogeneity = ofKnown == 0 ? 1 : Math.min(1, shared / ofKnown);
    double completeness = ofFound == 0 ? 1 : Math.min(1, shared / ofFound);
    long knownPairs = Arrays.stream(rows).map(ClusterMeasures::pairs).sum();
    long foundPairs = Arrays.stream(columns).map(ClusterMeasures::pairs).sum();
    // Where neither has a pair, neither says anything wrong of one.
    double pairPrecision = foundPairs == 0 ? knownPairs == 0 ? 1 : 0 : (double) pairs / foundPairs;
    double pairRecall = knownPairs == 0 ? foundPairs == 0 ? 1 : 0 : (double) pairs / knownPairs;
    return new ClusterMeasures(
        homogeneity,
        completeness,
        harmonic(homogeneity, completeness),
        pairPrecision,
        pairRecall,
        harmonic(pairPrecision, pairRecall),
        precision,
        recall,
        harmonic(precision, recall),
        adjustedRand(pairs, knownPairs, foundPairs, pairs(n)));
  }

  private static double adjustedRand(double both, double known, double found, double all) {
    double expected = all == 0 ? 0 : known * found / all;
    double most = (known + found) / 2;
    return most == expected ? 1 : (both - expected) / (most - expected);
  }

  private static long[][] table(int[] known, int[] found) {
    Map<Integer, Integer> rows = new HashMap<>();
    Map<Integer, Integer> columns = new HashMap<>();
    for (int i = 0; i < known.length; i++) {
      rows.putIfAbsent(known[i], rows.size());
      columns.putIfAbsent(found[i], columns.size());
    }
    var table = new long[rows.size()][columns.size()];
    for (int i = 0; i < known.length; i++) {
      table[rows.get(known[i])][columns.get(found[i])]++;
    }
    return table;
  }

  private static double entropy(long count, int n) {
    double p = (double) count / n;
    return p == 0 ? 0 : -p * Math.log(p);
  }

  private static long pairs(long count) {
    return count * (count - 1) / 2;
  }

  private static double harmonic(double a, double b) {
    return a + b == 0 ? 0 : 2 * a * b / (a + b);
  }
}
