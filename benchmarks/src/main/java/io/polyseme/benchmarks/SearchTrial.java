package io.polyseme.benchmarks;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** One side asked the same queries: recall@10 and time by efSearch. */
final class SearchTrial {
  /** A search for ten neighbours. */
  interface Search {
    int[] run(int query, int efSearch) throws IOException;
  }

  private static final int[] EF_SEARCH = grid();

  private final Search search;
  private final int[][] truth;
  private final Map<Integer, Double> recalls = new TreeMap<>();

  SearchTrial(Search search, int[][] truth) {
    this.search = search;
    this.truth = truth;
  }

  /** Each about a twelfth more than the one before. */
  private static int[] grid() {
    var grid = new int[100];
    int n = 0;
    for (double ef = 10; ef < 6_000; ef = Math.max(ef + 1, 1.08 * ef)) {
      grid[n++] = (int) ef;
    }
    return Arrays.copyOf(grid, n);
  }

  /** The mean share of the right answers. */
  double recall(int efSearch) throws IOException {
    Double known = recalls.get(efSearch);
    if (known != null) {
      return known;
    }
    long found = 0;
    long all = 0;
    for (int q = 0; q < truth.length; q++) {
      int[] hits = search.run(q, efSearch);
      for (int right : truth[q]) {
        for (int hit : hits) {
          if (hit == right) {
            found++;
            break;
          }
        }
      }
      all += truth[q].length;
    }
    double recall = (double) found / all;
    recalls.put(efSearch, recall);
    return recall;
  }

  /** The smallest efSearch with a recall; the largest that is tried where none has it. */
  int efSearch(double recall) throws IOException {
    int low = 0;
    int high = EF_SEARCH.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (recall(EF_SEARCH[middle]) >= recall) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return EF_SEARCH[low];
  }

  /** What each query took, in nanoseconds, ascending. */
  long[] times(int efSearch) throws IOException {
    var nanos = new long[truth.length];
    for (int q = 0; q < nanos.length; q++) {
      long start = System.nanoTime();
      search.run(q, efSearch);
      nanos[q] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return nanos;
  }

  /** The times of the fastest of some rounds. */
  long[] best(int efSearch, int rounds) throws IOException {
    long[] best = times(efSearch);
    for (int i = 1; i < rounds; i++) {
      best = faster(best, times(efSearch));
    }
    return best;
  }

  static long[] faster(long[] a, long[] b) {
    return Arrays.stream(a).sum() <= Arrays.stream(b).sum() ? a : b;
  }

  static double perSecond(long[] nanos) {
    return 1e9 * nanos.length / Arrays.stream(nanos).sum();
  }

  /** In milliseconds, by the nearest rank. */
  static double quantile(long[] sorted, double quantile) {
    return sorted[Math.max(0, (int) Math.ceil(quantile * sorted.length) - 1)] / 1e6;
  }
}
