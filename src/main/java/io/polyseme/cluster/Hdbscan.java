package io.polyseme.cluster;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import java.util.Arrays;

/**
 * Clusters as places that are denser than what is around them, and noise, which is in none:
 * hierarchical clustering by mutual reachability, of which the clusters that last longest are taken
 * (Campello, Moulavi and Sander 2013, "Density-Based Clustering Based on Hierarchical Density
 * Estimates"; selection by excess of mass). Distances are Euclidean between vectors of unit length.
 *
 * <p>Only pairs of the graph of nearest neighbours are looked at, so that time and memory grow with
 * the number of vectors and not with its square; where the graph has all pairs, this is HDBSCAN
 * itself. Parts that no edge joins are taken to be infinitely far apart.
 *
 * @param clusters the number of each vector's cluster, from 0, the greatest first; {@link #NOISE}
 *     for none; not to be changed
 * @param strengths how deep in its cluster each vector lies, from 0 to 1, and 0 for noise; not to
 *     be changed
 * @param count how many clusters there are
 */
public record Hdbscan(int[] clusters, float[] strengths, int count) {
  /** The number of what is in no cluster. */
  public static final int NOISE = -1;

  /** Nearer than this (a cosine of 0.9999995) counts as this near: the density stays finite. */
  private static final double NEAREST = 1e-3;

  /**
   * Finds clusters.
   *
   * @param points the core distance is that to the nearest so many vectors, each itself among them;
   *     from 1 to one more than the graph's k
   * @param size of how many vectors a cluster is at least, from 2
   */
  public static Hdbscan of(
      NeighbourGraph graph, int points, int size, Progress progress, Cancel cancel) {
    if (points < 1 || points > graph.k() + 1 || size < 2) {
      throw new IllegalArgumentException(
          "points must be from 1 to %d and size at least 2: %d, %d"
              .formatted(graph.k() + 1, points, size));
    }
    progress.update("clustering by density", 0, 3);
    Dendrogram dendrogram = Dendrogram.of(graph, points, cancel);
    progress.update("clustering by density", 1, 3);
    var condensed = new CondensedTree(dendrogram, size, cancel);
    progress.update("clustering by density", 2, 3);
    Hdbscan found = condensed.selected();
    progress.update("clustering by density", 3, 3);
    return found;
  }

  /**
   * The hierarchy: nodes from 0 are the vectors, those from their number on are joined of two, in
   * the order of their distance.
   */
  private record Dendrogram(int[] left, int[] right, double[] distances, int leaves) {
    static Dendrogram of(NeighbourGraph graph, int points, Cancel cancel) {
      int n = graph.size();
      var cores = new double[n];
      for (int i = 0; i < n; i++) {
        int known = Math.min(points - 1, graph.count(i));
        cores[i] = known == 0 ? NEAREST : distance(graph, i, known - 1);
      }
      long[] edges = edges(graph, cores);
      cancel.check();
      Arrays.parallelSort(edges);
      var left = new int[Math.max(0, n - 1)];
      var right = new int[left.length];
      var distances = new double[left.length];
      var joined = new Joined(n);
      int made = 0;
      for (long edge : edges) {
        int at = (int) edge;
        int a = joined.root(at / graph.k());
        int b = joined.root(graph.neighbour(at / graph.k(), at % graph.k()));
        if (a != b) {
          left[made] = joined.node[a];
          right[made] = joined.node[b];
          distances[made] = Float.intBitsToFloat((int) (edge >>> 32));
          joined.join(a, b, n + made++);
        }
      }
      int first = n == 0 ? 0 : joined.root(0);
      for (int i = 1; i < n; i++) {
        int other = joined.root(i);
        first = joined.root(first);
        if (other != first) {
          left[made] = joined.node[first];
          right[made] = joined.node[other];
          distances[made] = Double.POSITIVE_INFINITY;
          joined.join(first, other, n + made++);
        }
      }
      return new Dendrogram(left, right, distances, n);
    }

    private static double distance(NeighbourGraph graph, int row, int i) {
      return Math.max(NEAREST, Math.sqrt(Math.max(0, 2 - 2 * graph.cosine(row, i))));
    }

    /** Each edge as its length, which orders them, and its place in the graph. */
    private static long[] edges(NeighbourGraph graph, double[] cores) {
      var edges = new long[Math.multiplyExact(graph.size(), graph.k())];
      int found = 0;
      for (int i = 0; i < graph.size(); i++) {
        for (int e = 0; e < graph.count(i); e++) {
          int j = graph.neighbour(i, e);
          if (i < j || !graph.has(j, i)) {
            double length = Math.max(distance(graph, i, e), Math.max(cores[i], cores[j]));
            edges[found++] =
                (long) Float.floatToIntBits((float) length) << 32 | (i * graph.k() + e);
          }
        }
      }
      return Arrays.copyOf(edges, found);
    }

    int size(int[] sizes, int node) {
      return node < leaves ? 1 : sizes[node - leaves];
    }

    int[] sizes() {
      var sizes = new int[left.length];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = size(sizes, left[i]) + size(sizes, right[i]);
      }
      return sizes;
    }
  }

  /** Which vectors are joined already (union by size, paths halved). */
  private static final class Joined {
    private final int[] parents;
    private final int[] sizes;
    private final int[] node;

    Joined(int n) {
      parents = new int[n];
      sizes = new int[n];
      node = new int[n];
      Arrays.setAll(parents, i -> i);
      Arrays.setAll(node, i -> i);
      Arrays.fill(sizes, 1);
    }

    int root(int i) {
      int at = i;
      while (parents[at] != at) {
        parents[at] = parents[parents[at]];
        at = parents[at];
      }
      return at;
    }

    void join(int a, int b, int as) {
      int greater = sizes[a] >= sizes[b] ? a : b;
      int lesser = greater == a ? b : a;
      parents[lesser] = greater;
      sizes[greater] += sizes[lesser];
      node[greater] = as;
    }
  }

  /**
   * The hierarchy without the splits at which only a few vectors leave: number 0 is what holds all,
   * and a cluster's number is greater than that of the one it came out of. Density is one over
   * distance (the paper's lambda).
   */
  private static final class CondensedTree {
    private final Dendrogram tree;
    private final int[] cluster;
    private final double[] left;
    private int[] parents = new int[64];
    private double[] stabilities = new double[64];
    private double[] births = new double[64];

    /** The density at which the last of each cluster leaves it, or at which it splits. */
    private double[] deaths = new double[64];

    private int count;

    CondensedTree(Dendrogram tree, int least, Cancel cancel) {
      this.tree = tree;
      this.cluster = new int[tree.leaves];
      this.left = new double[tree.leaves];
      int[] sizes = tree.sizes();
      var nodes = new int[tree.leaves + 1];
      var of = new int[tree.leaves + 1];
      int open = 0;
      if (tree.leaves > 0) {
        nodes[open] = tree.leaves + tree.left.length - 1;
        of[open++] = born(-1, 0);
      }
      while (open > 0) {
        int node = nodes[--open];
        int within = of[open];
        if (node < tree.leaves) {
          // Only where all vectors are one.
          leave(node, within, 1 / NEAREST);
          continue;
        }
        if (open % 1024 == 0) {
          cancel.check();
        }
        int a = tree.left[node - tree.leaves];
        int b = tree.right[node - tree.leaves];
        double density = 1 / tree.distances[node - tree.leaves];
        boolean bigA = tree.size(sizes, a) >= least;
        boolean bigB = tree.size(sizes, b) >= least;
        for (int child : new int[] {a, b}) {
          boolean big = child == a ? bigA : bigB;
          if (!big) {
            leaveAll(child, within, density);
          } else if (bigA && bigB) {
            stabilities[within] += (density - births[within]) * tree.size(sizes, child);
            deaths[within] = Math.max(deaths[within], density);
            nodes[open] = child;
            of[open++] = born(within, density);
          } else {
            nodes[open] = child;
            of[open++] = within;
          }
        }
      }
    }

    private int born(int parent, double density) {
      if (count == parents.length) {
        parents = Arrays.copyOf(parents, 2 * count);
        stabilities = Arrays.copyOf(stabilities, 2 * count);
        births = Arrays.copyOf(births, 2 * count);
        deaths = Arrays.copyOf(deaths, 2 * count);
      }
      parents[count] = parent;
      births[count] = density;
      return count++;
    }

    private void leave(int leaf, int within, double density) {
      cluster[leaf] = within;
      left[leaf] = density;
      stabilities[within] += density - births[within];
      deaths[within] = Math.max(deaths[within], density);
    }

    private void leaveAll(int node, int within, double density) {
      var nodes = new int[64];
      int open = 0;
      nodes[open++] = node;
      while (open > 0) {
        int at = nodes[--open];
        if (at < tree.leaves) {
          leave(at, within, density);
        } else {
          if (open + 2 > nodes.length) {
            nodes = Arrays.copyOf(nodes, 2 * nodes.length);
          }
          nodes[open++] = tree.left[at - tree.leaves];
          nodes[open++] = tree.right[at - tree.leaves];
        }
      }
    }

    /** The clusters that are more stable than those that come out of them, but not all as one. */
    Hdbscan selected() {
      var ofChildren = new double[count];
      var selected = new boolean[count];
      for (int c = count - 1; c > 0; c--) {
        selected[c] = stabilities[c] >= ofChildren[c];
        ofChildren[parents[c]] += Math.max(stabilities[c], ofChildren[c]);
      }
      // The topmost selected one holds what is below it.
      var holder = new int[Math.max(1, count)];
      holder[0] = NOISE;
      for (int c = 1; c < count; c++) {
        int above = holder[parents[c]];
        holder[c] = above >= 0 ? above : selected[c] ? c : NOISE;
      }
      var sizes = new int[Math.max(1, count)];
      for (int i = 0; i < cluster.length; i++) {
        int c = holder[cluster[i]];
        if (c >= 0) {
          sizes[c]++;
        }
      }
      Integer[] bySize = new Integer[sizes.length];
      Arrays.setAll(bySize, c -> c);
      Arrays.sort(bySize, (a, b) -> Integer.compare(sizes[b], sizes[a]));
      var numbers = new int[sizes.length];
      int found = 0;
      for (int c : bySize) {
        numbers[c] = sizes[c] > 0 ? found++ : NOISE;
      }
      var clusters = new int[cluster.length];
      var strengths = new float[cluster.length];
      for (int i = 0; i < clusters.length; i++) {
        int c = holder[cluster[i]];
        clusters[i] = c < 0 ? NOISE : numbers[c];
        strengths[i] = c < 0 ? 0 : (float) Math.min(1, left[i] / deaths[c]);
      }
      return new Hdbscan(clusters, strengths, found);
    }
  }
}
