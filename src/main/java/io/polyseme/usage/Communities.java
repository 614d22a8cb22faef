package io.polyseme.usage;

import io.polyseme.Cancel;
import io.polyseme.vector.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Groups of vectors that are each other's nearest neighbours: the graph that joins each vector to
 * its nearest, weighted by the cosine, is divided so that its modularity is greatest (Newman and
 * Girvan 2004; with a resolution, Reichardt and Bornholdt 2006), by the method of Blondel,
 * Guillaume, Lambiotte and Lefebvre 2008, "Fast unfolding of communities in large networks". How
 * many groups there are comes out of it. Of several orders in which vectors are looked at, the one
 * with the greatest modularity counts.
 */
final class Communities {
  private static final int RUNS = 10;
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
   * @param units of unit length, or zero
   * @param neighbours how many each is joined to
   * @param resolution greater for more and smaller groups; 1 is plain modularity
   * @return the number of each vector's group, from 0
   */
  static int[] of(
      List<float[]> units, int neighbours, double resolution, long seed, Cancel cancel) {
    Graph graph = nearest(units, Math.min(neighbours, units.size() - 1), cancel);
    var random = new SplittableRandom(seed);
    int[] best = new int[units.size()];
    double most = modularity(graph, best, resolution);
    for (int run = 0; run < RUNS; run++) {
      cancel.check();
      int[] found = divided(graph, resolution, random.split());
      double modularity = modularity(graph, found, resolution);
      if (modularity > most + LEAST_GAIN) {
        most = modularity;
        best = found;
      }
    }
    return best;
  }

  /** Joins each vector to its nearest; a pair that is so in both directions counts twice. */
  private static Graph nearest(List<float[]> units, int count, Cancel cancel) {
    int n = units.size();
    var near = new int[n][];
    var cosines = new double[n][];
    var row = new double[n];
    for (int i = 0; i < n; i++) {
      cancel.check();
      for (int j = 0; j < n; j++) {
        row[j] = j == i ? Double.NEGATIVE_INFINITY : Vectors.dot(units.get(i), units.get(j));
      }
      near[i] = greatest(row, count);
      cosines[i] = Arrays.stream(near[i]).mapToDouble(j -> Math.max(0, row[j])).toArray();
    }
    var degrees = new int[n];
    for (int i = 0; i < n; i++) {
      degrees[i] += near[i].length;
      for (int j : near[i]) {
        degrees[j]++;
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
      for (int e = 0; e < near[i].length; e++) {
        int j = near[i][e];
        double half = cosines[i][e] / 2;
        neighbours[i][filled[i]] = j;
        weights[i][filled[i]++] = half;
        neighbours[j][filled[j]] = i;
        weights[j][filled[j]++] = half;
      }
    }
    return new Graph(neighbours, weights, new double[n]);
  }

  /** The places of the greatest values; of equal ones the first. */
  private static int[] greatest(double[] values, int count) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double least = sorted[sorted.length - count];
    var places = new int[count];
    int found = 0;
    for (int i = 0; i < values.length && found < count; i++) {
      if (values[i] > least) {
        places[found++] = i;
      }
    }
    for (int i = 0; i < values.length && found < count; i++) {
      if (values[i] == least) {
        places[found++] = i;
      }
    }
    return places;
  }

  private static int[] divided(Graph graph, double resolution, SplittableRandom random) {
    int[] groups = new int[graph.size()];
    Arrays.setAll(groups, i -> i);
    Graph level = graph;
    while (true) {
      int[] moved = moved(level, resolution, random);
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
  private static int[] moved(Graph graph, double resolution, SplittableRandom random) {
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
    int[] order = shuffled(n, random);
    var to = new double[n];
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
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

  private static int[] shuffled(int n, SplittableRandom random) {
    int[] order = new int[n];
    Arrays.setAll(order, i -> i);
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  /** Renumbers groups in the order in which they come, from 0; returns how many there are. */
  static int numbered(int[] groups) {
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
    var between = new double[count][count];
    var within = new double[count];
    for (int i = 0; i < graph.size(); i++) {
      within[groups[i]] += graph.within[i];
      for (int e = 0; e < graph.neighbours[i].length; e++) {
        int other = groups[graph.neighbours[i][e]];
        if (other == groups[i]) {
          within[other] += graph.weights[i][e];
        } else {
          between[groups[i]][other] += graph.weights[i][e];
        }
      }
    }
    var neighbours = new int[count][];
    var weights = new double[count][];
    for (int g = 0; g < count; g++) {
      double[] row = between[g];
      neighbours[g] =
          java.util.stream.IntStream.range(0, count).filter(other -> row[other] > 0).toArray();
      weights[g] = Arrays.stream(neighbours[g]).mapToDouble(other -> row[other]).toArray();
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
