package io.polyseme.evaluate;

import io.polyseme.Cancel;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Fisher's paired randomisation test, which Smucker, Allan and Carterette (2007, "A comparison of
 * statistical significance tests for information retrieval evaluation") recommend for comparing two
 * ways of searching: were the two the same, which of a query's two figures is whose would be
 * chance. The p-value is the share of all exchanges by which the means differ at least as much as
 * they do.
 */
final class PairedTest {
  /** Up to so many queries that differ, every exchange is tried; beyond, a sample of them. */
  private static final int EXACT = 16;

  /** Differences that are as great but for rounding are as great. */
  private static final double ROUNDING = 1e-12;

  private PairedTest() {}

  /**
   * The two-sided p-value, of which a sampled one counts the exchange that came about as well
   * (Phipson and Smyth 2010), so that it is never 0.
   *
   * @param first a figure a query
   * @param second as many, of the same queries
   * @param exchanges how many are drawn
   */
  static double p(double[] first, double[] second, int exchanges, long seed, Cancel cancel) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          "%d figures cannot be paired with %d".formatted(first.length, second.length));
    }
    var all = new double[first.length];
    Arrays.setAll(all, i -> first[i] - second[i]);
    double[] differences = Arrays.stream(all).filter(d -> Math.abs(d) > ROUNDING).toArray();
    double observed = Math.abs(Arrays.stream(differences).sum());
    double least = observed - ROUNDING * Math.max(1, differences.length);
    if (differences.length <= EXACT) {
      long count = 1L << differences.length;
      long extreme = 0;
      for (long signs = 0; signs < count; signs++) {
        extreme += Math.abs(sum(differences, signs, 0, differences.length)) >= least ? 1 : 0;
      }
      return (double) extreme / count;
    }
    var random = new SplittableRandom(seed);
    int extreme = 0;
    for (int i = 0; i < exchanges; i++) {
      if (i % 1000 == 0) {
        cancel.check();
      }
      double sum = 0;
      for (int from = 0; from < differences.length; from += Long.SIZE) {
        sum +=
            sum(
                differences,
                random.nextLong(),
                from,
                Math.min(from + Long.SIZE, differences.length));
      }
      extreme += Math.abs(sum) >= least ? 1 : 0;
    }
    return (extreme + 1.0) / (exchanges + 1.0);
  }

  /** With a difference's sign turned where its bit is set. */
  private static double sum(double[] differences, long signs, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (signs >> (i - from) & 1) == 0 ? differences[i] : -differences[i];
    }
    return sum;
  }
}
