package io.polyseme.usage;

import io.polyseme.vector.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Two groups of equal size among vectors of unit length: how far they are apart, and how far if the
 * vectors are dealt out anew. Every measure follows from the cosines of all pairs.
 */
final class Comparison {
  private final double[][] cosines;
  private final double[] rows;
  private final double total;

  /** The average pairwise and the prototype distance. */
  record Apart(double apd, double prt) {}

  /** How probable distances as great are if the groups mean nothing. */
  record Probabilities(double apd, double prt) {}

  Comparison(List<float[]> units) {
    int n = units.size();
    cosines = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        cosines[i][j] = Vectors.dot(units.get(i), units.get(j));
        cosines[j][i] = cosines[i][j];
      }
    }
    rows = Arrays.stream(cosines).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
    total = Arrays.stream(rows).sum();
  }

  /**
   * @param first those of the first group, at least one; the others, at least one, are the second
   */
  Apart of(boolean[] first) {
    int[] members = IntStream.range(0, first.length).filter(i -> first[i]).toArray();
    double within = 0;
    double all = 0;
    for (int i : members) {
      double[] row = cosines[i];
      for (int j : members) {
        within += row[j];
      }
      all += rows[i];
    }
    // Sums over the other pairs follow from those over all.
    double between = all - within;
    double withinOther = total - within - 2 * between;
    double pairs = (double) members.length * (first.length - members.length);
    double lengths = Math.sqrt(Math.max(0, within)) * Math.sqrt(Math.max(0, withinOther));
    double prt = lengths == 0 ? 0 : 1 - Math.clamp(between / lengths, -1, 1);
    return new Apart(1 - between / pairs, prt);
  }

  /** The share of dealings, this one among them, whose distance is as great. */
  Probabilities test(boolean[] first, int permutations, SplittableRandom random) {
    Apart here = of(first);
    int apd = 1;
    int prt = 1;
    boolean[] dealt = first.clone();
    for (int p = 0; p < permutations; p++) {
      for (int i = dealt.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        boolean swapped = dealt[i];
        dealt[i] = dealt[j];
        dealt[j] = swapped;
      }
      Apart there = of(dealt);
      apd += there.apd >= here.apd - 1e-12 ? 1 : 0;
      prt += there.prt >= here.prt - 1e-12 ? 1 : 0;
    }
    return new Probabilities(apd / (permutations + 1.0), prt / (permutations + 1.0));
  }

  /** The first half is the first group. */
  static boolean[] halves(int n) {
    var first = new boolean[n];
    Arrays.fill(first, 0, n / 2, true);
    return first;
  }
}
