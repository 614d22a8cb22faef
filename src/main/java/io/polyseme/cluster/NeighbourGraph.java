package io.polyseme.cluster;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.BlockProducts;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.TopK;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Each vector's nearest others, best first, with their cosines: eight bytes for each in two arrays.
 * Filled by one thread or by several, each its own rows; thread-safe for reading once it is filled.
 */
public final class NeighbourGraph {
  /** So many vectors are compared with all others at a time. */
  private static final int TOGETHER = 1024;

  private final int size;
  private final int k;
  private final int[] neighbours;
  private final float[] cosines;

  /**
   * Of which no neighbours are known yet.
   *
   * @param size how many vectors
   * @param k how many neighbours each has at most
   */
  public NeighbourGraph(int size, int k) {
    if (size < 0 || k < 1) {
      throw new IllegalArgumentException("%d vectors with %d neighbours".formatted(size, k));
    }
    this.size = size;
    this.k = k;
    this.neighbours = new int[Math.multiplyExact(size, k)];
    this.cosines = new float[neighbours.length];
    Arrays.fill(neighbours, -1);
  }

  /**
   * Finds the neighbours by comparing all with all.
   *
   * @param rows the cosines are those of the vectors at unit length
   * @param k how many neighbours; fewer where there are not so many others
   * @param threads at least 1
   */
  public static NeighbourGraph exact(
      LabelledRows rows, int k, int threads, Progress progress, Cancel cancel) {
    return exact(rows, k, threads, (graph, from, to) -> {}, progress, cancel);
  }

  /** Told of vectors whose neighbours are known. */
  @FunctionalInterface
  public interface Found {
    /** Those from {@code from} to {@code to - 1}; called in order, in one thread. */
    void rows(NeighbourGraph graph, int from, int to);
  }

  /**
   * Finds the neighbours by comparing all with all, and tells of them as they are found.
   *
   * @param rows the cosines are those of the vectors at unit length
   * @param k how many neighbours; fewer where there are not so many others
   * @param threads at least 1
   */
  public static NeighbourGraph exact(
      LabelledRows rows, int k, int threads, Found told, Progress progress, Cancel cancel) {
    int n = rows.size();
    var graph = new NeighbourGraph(n, Math.clamp(n - 1L, 1, k));
    for (int from = 0; from < n; from += TOGETHER) {
      int first = from;
      int to = Math.min(n, from + TOGETHER);
      var vectors = new ArrayList<float[]>();
      for (int row = from; row < to; row++) {
        var vector = new float[rows.dimension()];
        rows.copyRow(row, vector);
        vectors.add(Vectors.unitOrZero(vector));
      }
      List<Nearest> found =
          new BlockProducts(rows, n, vectors)
              .forEach(
                  () -> new Nearest(first, to - first, graph.k),
                  threads,
                  "comparing all with all",
                  Progress.NONE,
                  cancel);
      for (int row = from; row < to; row++) {
        TopK best = found.getFirst().best[row - from];
        for (Nearest other : found.subList(1, found.size())) {
          best.offerAll(other.best[row - from]);
        }
        graph.set(row, best.drain());
      }
      told.rows(graph, from, to);
      progress.update("comparing all with all", to, n);
    }
    return graph;
  }

  private static final class Nearest implements BlockProducts.Taker {
    private final int from;
    private final TopK[] best;

    Nearest(int from, int count, int k) {
      this.from = from;
      this.best = new TopK[count];
      Arrays.setAll(best, i -> new TopK(k, Integer::compare));
    }

    @Override
    public void take(int first, int rows, float[][] table) {
      for (int q = 0; q < best.length; q++) {
        TopK of = best[q];
        float[] products = table[q];
        int i = BlockProducts.firstAtLeast(products, 0, rows, (float) of.least());
        while (i < rows) {
          if (first + i != from + q) {
            of.offer(first + i, products[i]);
          }
          i = BlockProducts.firstAtLeast(products, i + 1, rows, (float) of.least());
        }
      }
    }
  }

  /**
   * Says which neighbours a vector has.
   *
   * @param best at most k, best first, without itself
   */
  public void set(int row, TopK.Best best) {
    int at = row * k;
    for (int i = 0; i < best.rows().length; i++) {
      neighbours[at + i] = best.rows()[i];
      cosines[at + i] = (float) Math.clamp(best.scores()[i], -1, 1);
    }
  }

  /** How many vectors there are. */
  public int size() {
    return size;
  }

  /** How many neighbours each has at most. */
  public int k() {
    return k;
  }

  /** How many neighbours one has. */
  public int count(int row) {
    int at = row * k;
    int count = k;
    while (count > 0 && neighbours[at + count - 1] < 0) {
      count--;
    }
    return count;
  }

  /**
   * One of a vector's neighbours.
   *
   * @param i from 0, the nearest, to {@code count(row) - 1}
   */
  public int neighbour(int row, int i) {
    return neighbours[row * k + i];
  }

  /** The cosine of a vector and one of its neighbours, from -1 to 1. */
  public double cosine(int row, int i) {
    return cosines[row * k + i];
  }

  /** Whether one vector is among the neighbours of another. */
  public boolean has(int row, int neighbour) {
    for (int at = row * k; at < (row + 1) * k; at++) {
      if (neighbours[at] == neighbour) {
        return true;
      }
    }
    return false;
  }
}
