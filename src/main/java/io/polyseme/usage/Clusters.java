package io.polyseme.usage;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.cluster.Communities;
import io.polyseme.cluster.KMeans;
import io.polyseme.cluster.NeighbourGraph;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.PrincipalComponents;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Vectors divided into clusters. The division depends neither on the order of the vectors nor on
 * the number of threads.
 *
 * @param of the number of each vector's cluster, from 0, the greatest cluster first
 * @param count how many clusters there are
 * @param silhouette how well the clusters are parted: the mean silhouette (Rousseeuw 1987) over the
 *     cosine distances of the centred vectors, from -1 to 1; 0 for one cluster
 */
public record Clusters(List<Integer> of, int count, double silhouette) {
  /** How many nearest neighbours each vector is joined to at least. */
  private static final int NEIGHBOURS = 25;

  /**
   * Of many vectors each is joined to this share of them: with the same number, more usages of a
   * word would divide into more senses.
   */
  private static final double NEIGHBOUR_SHARE = 0.1;

  /**
   * Below the 1 of plain modularity, since senses are fewer than topics. Chosen, as the number of
   * neighbours was, on the training parts of CoarseWSD-20.
   */
  private static final double RESOLUTION = 0.6;

  /**
   * Two clusters that are parted less than this, by the silhouette of the two alone, are one:
   * usages of one sense divide, too, if anything is to be divided, by their topics. Of 52 senses of
   * CoarseWSD-20, each divided on its own, the median has 0.08, of its twenty words 0.16. At 0.1
   * more senses stay whole, and more words lose one.
   */
  private static final double LEAST_APART = 0.09;

  /** So that memory grows with the number of vectors, and not with its square. */
  private static final int MOST_NEIGHBOURS = 300;

  private static final int COMPONENTS = 5;

  public Clusters {
    of = List.copyOf(of);
  }

  /**
   * Finds clusters.
   *
   * @param vectors of equal dimension, at least one; centred and brought to unit length here
   * @param count how many clusters; 0 for as many as there are
   * @param seed of the starts that are tried
   */
  public static Clusters of(List<float[]> vectors, int count, long seed, Cancel cancel) {
    int n = vectors.size();
    if (n == 0) {
      throw new IllegalArgumentException("there are no vectors to cluster");
    }
    if (count < 0 || count > n) {
      throw new IllegalArgumentException("%d vectors cannot be in %d clusters".formatted(n, count));
    }
    Integer[] order = new Integer[n];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Arrays.compare(vectors.get(a), vectors.get(b)));
    List<float[]> sorted = Arrays.stream(order).map(vectors::get).toList();
    List<float[]> centred = centred(sorted);
    int[] groups;
    if (count == 1 || n < 3 && count == 0) {
      groups = new int[n];
    } else if (count == 0) {
      int neighbours = Math.clamp((int) (NEIGHBOUR_SHARE * n), NEIGHBOURS, MOST_NEIGHBOURS);
      NeighbourGraph nearest =
          NeighbourGraph.exact(
              LabelledRows.numbered(centred), neighbours, 1, Progress.NONE, cancel);
      groups = Communities.of(nearest, RESOLUTION, seed, Progress.NONE, cancel);
      merge(sorted, groups, cancel);
    } else {
      groups =
          KMeans.of(
                  LabelledRows.numbered(components(centred)), count, seed, 1, Progress.NONE, cancel)
              .clusters();
    }
    double silhouette = silhouette(centred, groups);
    int found = ordered(groups);
    var of = new Integer[n];
    for (int i = 0; i < n; i++) {
      of[order[i]] = groups[i];
    }
    return new Clusters(Arrays.asList(of), found, silhouette);
  }

  /** Makes one of the two groups that are parted least, until all are parted enough. */
  private static void merge(List<float[]> vectors, int[] groups, Cancel cancel) {
    int count = Communities.numbered(groups);
    var apart = new double[count][count];
    var there = new boolean[count];
    Arrays.fill(there, true);
    for (int a = 0; a < count; a++) {
      for (int b = 0; b < a; b++) {
        cancel.check();
        apart[a][b] = apart(vectors, groups, a, b);
      }
    }
    while (true) {
      int first = -1;
      int second = -1;
      double least = LEAST_APART;
      for (int a = 0; a < count; a++) {
        for (int b = 0; b < a; b++) {
          if (there[a] && there[b] && apart[a][b] < least) {
            least = apart[a][b];
            first = a;
            second = b;
          }
        }
      }
      if (first < 0) {
        break;
      }
      there[first] = false;
      for (int i = 0; i < groups.length; i++) {
        groups[i] = groups[i] == first ? second : groups[i];
      }
      for (int other = 0; other < count; other++) {
        if (other != second && there[other]) {
          cancel.check();
          apart[Math.max(other, second)][Math.min(other, second)] =
              apart(vectors, groups, other, second);
        }
      }
    }
    Communities.numbered(groups);
  }

  /** The mean of two groups' mean silhouettes, as if there were no other vectors. */
  private static double apart(List<float[]> vectors, int[] groups, int a, int b) {
    var of = new ArrayList<float[]>();
    var two = new ArrayList<Integer>();
    for (int i = 0; i < groups.length; i++) {
      if (groups[i] == a || groups[i] == b) {
        of.add(vectors.get(i));
        two.add(groups[i] == a ? 0 : 1);
      }
    }
    double[] silhouettes =
        silhouettes(centred(of), two.stream().mapToInt(Integer::intValue).toArray());
    var sums = new double[2];
    var sizes = new int[2];
    for (int i = 0; i < silhouettes.length; i++) {
      sums[two.get(i)] += silhouettes[i];
      sizes[two.get(i)]++;
    }
    return (sums[0] / sizes[0] + sums[1] / sizes[1]) / 2;
  }

  /** Seen from their mean, and of unit length; what is the mean itself stays zero. */
  private static List<float[]> centred(List<float[]> vectors) {
    float[] mean = Means.ofUnits(vectors);
    var centred = new ArrayList<float[]>(vectors.size());
    for (float[] vector : vectors) {
      float[] from = Vectors.unitOrZero(vector).clone();
      for (int d = 0; d < from.length; d++) {
        from[d] -= mean[d];
      }
      centred.add(Vectors.unitOrZero(from));
    }
    return centred;
  }

  /** The few directions in which they differ most, without the noise of all others. */
  private static List<float[]> components(List<float[]> vectors) {
    int dimension = vectors.getFirst().length;
    var components =
        PrincipalComponents.of(
            vectors.size(),
            dimension,
            (row, into) -> System.arraycopy(vectors.get(row), 0, into, 0, into.length),
            Math.min(COMPONENTS, dimension));
    return vectors.stream().map(components::project).toList();
  }

  /** Numbers groups by their size, the greatest first; returns how many there are. */
  private static int ordered(int[] groups) {
    int count = Communities.numbered(groups);
    var sizes = new int[count];
    for (int group : groups) {
      sizes[group]++;
    }
    Integer[] bySize = new Integer[count];
    Arrays.setAll(bySize, g -> g);
    Arrays.sort(bySize, Comparator.comparingInt((Integer g) -> -sizes[g]));
    var numbers = new int[count];
    for (int rank = 0; rank < count; rank++) {
      numbers[bySize[rank]] = rank;
    }
    for (int i = 0; i < groups.length; i++) {
      groups[i] = numbers[groups[i]];
    }
    return count;
  }

  /** The mean silhouette; 0 for one group. */
  static double silhouette(List<float[]> units, int[] groups) {
    return Arrays.stream(silhouettes(units, groups)).average().orElse(0);
  }

  /** The silhouette of each vector, over cosine distances of vectors of unit length. */
  private static double[] silhouettes(List<float[]> units, int[] groups) {
    int count = Arrays.stream(groups).max().orElse(0) + 1;
    var silhouettes = new double[groups.length];
    if (count < 2) {
      return silhouettes;
    }
    int dimension = units.getFirst().length;
    var sums = new double[count][dimension];
    var sizes = new int[count];
    for (int i = 0; i < groups.length; i++) {
      sizes[groups[i]]++;
      float[] unit = units.get(i);
      for (int d = 0; d < dimension; d++) {
        sums[groups[i]][d] += unit[d];
      }
    }
    for (int i = 0; i < groups.length; i++) {
      int own = groups[i];
      if (sizes[own] == 1) {
        continue; // which counts 0
      }
      float[] unit = units.get(i);
      double within = 0;
      double nearest = Double.POSITIVE_INFINITY;
      for (int g = 0; g < count; g++) {
        double cosines = 0;
        for (int d = 0; d < dimension; d++) {
          cosines += unit[d] * sums[g][d];
        }
        if (g == own) {
          within = 1 - (cosines - Vectors.squaredNorm(unit)) / (sizes[g] - 1);
        } else if (sizes[g] > 0) {
          nearest = Math.min(nearest, 1 - cosines / sizes[g]);
        }
      }
      double greater = Math.max(within, nearest);
      silhouettes[i] = greater <= 0 ? 0 : (nearest - within) / greater;
    }
    return silhouettes;
  }
}
