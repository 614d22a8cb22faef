package io.polyseme.cluster;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.RandomOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Groups of vectors that are each other's nearest neighbours: the graph that joins each vector to
 * its nearest, weighted by the cosine where that is above 0, is divided so that its modularity is
 * greatest (Newman and Girvan 2004; with a resolution, Reichardt and Bornholdt 2006), by the method
 * of Blondel, Guillaume, Lambiotte and Lefebvre 2008, "Fast unfolding of communities in large
 * networks". How many groups there are comes out of it. Of several orders in which vectors are
 * looked at, the one with the greatest modularity counts.
 */
public final class Communities {
  private static final int RUNS = 10;

  /** Of graphs with more vectors than this one order has to do: orders differ little then. */
  private static final int MANY = 50_000;

  private static final int SWEEPS = 30;
  private static final double LEAST_GAIN = 1e-12;

  /** A weighted graph; each node's neighbours, and what of its weight lies within itself. */
  private record Graph(int[][] neighbours, double[][] weights, double[] within) {
    int size() {
      return within.length;
    }

    double degree(int node) {
      return within[node] + Arrays.stream(weights[node]).sum();
    }
  }

  private Communities() {}

  /**
   * Finds groups.
   *
   * @param resolution greater for more and smaller groups; 1 is plain modularity
   * @return the number of each vector's group, from 0
   */
  public static int[] of(
      NeighbourGraph nearest, double resolution, long seed, Progress progress, Cancel cancel) {
    Graph graph = joined(nearest);
    var random = new SplittableRandom(seed);
    int[] best = new int[graph.size()];
    double most = modularity(graph, best, resolution);
    int runs = graph.size() > MANY ? 1 : RUNS;
    for (int run = 0; run < runs; run++) {
      progress.update("finding communities", run, runs);
      int[] found = divided(graph, resolution, random.split(), cancel);
      double modularity = modularity(graph, found, resolution);
      if (modularity > most + LEAST_GAIN) {
        most = modularity;
        best = found;
      }
    }
    progress.update("finding communities", runs, runs);
    return best;
  }

  /** Joins each vector to its nearest; a pair that is so in both directions counts twice. */
  private static Graph joined(NeighbourGraph nearest) {
    int n = nearest.size();
    var degrees = new int[n];
    for (int i = 0; i < n; i++) {
      degrees[i] += nearest.count(i);
      for (int e = 0; e < nearest.count(i); e++) {
        degrees[nearest.neighbour(i, e)]++;
      }
    }
    var neighbours = new int[n][];
    var weights = new double[n][];
    for (int i = 0; i < n; i++) {
      neighbours[i] = new int[degrees[i]];
      weights[i] = new double[degrees[i]];
    }
    var filled = new int[n];
    for (int i = 0; i < n; i++) {
      for (int e = 0; e < nearest.count(i); e++) {
        int j = nearest.neighbour(i, e);
        double half = Math.max(0, nearest.cosine(i, e)) / 2;
        neighbours[i][filled[i]] = j;
        weights[i][filled[i]++] = half;
        neighbours[j][filled[j]] = i;
        weights[j][filled[j]++] = half;
      }
    }
    return new Graph(neighbours, weights, new double[n]);
  }

  private static int[] divided(
      Graph graph, double resolution, SplittableRandom random, Cancel cancel) {
    int[] groups = new int[graph.size()];
    Arrays.setAll(groups, i -> i);
    Graph level = graph;
    while (true) {
      int[] moved = moved(level, resolution, random, cancel);
      int count = numbered(moved);
      for (int i = 0; i < groups.length; i++) {
        groups[i] = moved[groups[i]];
      }
      if (count == level.size()) {
        return groups;
      }
      level = joined(level, moved, count);
    }
  }

  /** Moves nodes to their neighbours' groups for as long as that makes the modularity greater. */
  private static int[] moved(
      Graph graph, double resolution, SplittableRandom random, Cancel cancel) {
    int n = graph.size();
    var degrees = new double[n];
    double total = 0;
    for (int i = 0; i < n; i++) {
      degrees[i] = graph.degree(i);
      total += degrees[i];
    }
    var groups = new int[n];
    Arrays.setAll(groups, i -> i);
    if (total == 0) {
      return groups;
    }
    double[] sums = degrees.clone();
    int[] order = RandomOrder.shuffled(n, random);
    var to = new double[n];
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      cancel.check();
      boolean still = true;
      for (int i : order) {
        int[] neighbours = graph.neighbours[i];
        double[] weights = graph.weights[i];
        for (int e = 0; e < neighbours.length; e++) {
          to[groups[neighbours[e]]] += weights[e];
        }
        int own = groups[i];
        sums[own] -= degrees[i];
        int best = own;
        double most = to[own] - resolution * degrees[i] * sums[own] / total;
        for (int j : neighbours) {
          int group = groups[j];
          double gain = to[group] - resolution * degrees[i] * sums[group] / total;
          if (gain > most + LEAST_GAIN) {
            most = gain;
            best = group;
          }
        }
        for (int j : neighbours) {
          to[groups[j]] = 0;
        }
        sums[best] += degrees[i];
        if (best != own) {
          groups[i] = best;
          still = false;
        }
      }
      if (still) {
        break;
      }
    }
    return groups;
  }

  /** Renumbers groups in place, in the order in which they come, from 0; how many there are. */
  public static int numbered(int[] groups) {
    int highest = Arrays.stream(groups).max().orElse(-1);
    int[] numbers = new int[highest + 1];
    Arrays.fill(numbers, -1);
    int count = 0;
    for (int i = 0; i < groups.length; i++) {
      if (numbers[groups[i]] < 0) {
        numbers[groups[i]] = count++;
      }
      groups[i] = numbers[groups[i]];
    }
    return count;
  }

  /** The graph whose nodes are the groups. */
  private static Graph joined(Graph graph, int[] groups, int count) {
    var starts = new int[count + 1];
    for (int group : groups) {
      starts[group + 1]++;
    }
    Arrays.parallelPrefix(starts, Integer::sum);
    var members = new int[groups.length];
    int[] filled = starts.clone();
    for (int i = 0; i < groups.length; i++) {
      members[filled[groups[i]]++] = i;
    }
    var within = new double[count];
    var neighbours = new int[count][];
    var weights = new double[count][];
    var to = new double[count];
    var touched = new int[count];
    for (int g = 0; g < count; g++) {
      int others = 0;
      for (int at = starts[g]; at < starts[g + 1]; at++) {
        int i = members[at];
        within[g] += graph.within[i];
        for (int e = 0; e < graph.neighbours[i].length; e++) {
          int other = groups[graph.neighbours[i][e]];
          double weight = graph.weights[i][e];
          if (other == g) {
            within[g] += weight;
          } else if (weight > 0) {
            if (to[other] == 0) {
              touched[others++] = other;
            }
            to[other] += weight;
          }
        }
      }
      neighbours[g] = Arrays.copyOf(touched, others);
      Arrays.sort(neighbours[g]);
      weights[g] = new double[others];
      for (int e = 0; e < others; e++) {
        weights[g][e] = to[neighbours[g][e]];
        to[neighbours[g][e]] = 0;
      }
    }
    return new Graph(neighbours, weights, within);
  }

  private static double modularity(Graph graph, int[] groups, double resolution) {
    int count = Arrays.stream(groups).max().orElse(0) + 1;
    var sums = new double[count];
    double within = 0;
    double total = 0;
    for (int i = 0; i < graph.size(); i++) {
      double degree = graph.degree(i);
      sums[groups[i]] += degree;
      total += degree;
      within += graph.within[i];
      for (int e = 0; e < graph.neighbours[i].length; e++) {
        within += groups[graph.neighbours[i][e]] == groups[i] ? graph.weights[i][e] : 0;
      }
    }
    if (total == 0) {
      return 0;
    }
    double expected = 0;
    for (double sum : sums) {
      expected += sum / total * (sum / total);
    }
    return within / total - resolution * expected;
  }
}
