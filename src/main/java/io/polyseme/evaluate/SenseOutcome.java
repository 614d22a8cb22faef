package io.polyseme.evaluate;

import io.polyseme.Intervals;
import io.polyseme.Intervals.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What told senses come to against those that are right. Several rounds over the same items, halves
 * of them say, are averaged.
 *
 * @param layer as {@link Score#layer()} names it
 * @param n how many items were told
 * @param right how many of them rightly, in the first round
 * @param rounds how many there were
 * @param accuracy the share that was rightly told
 * @param macroF1 the mean of the F1 of each sense that occurs among the items or the answers
 * @param resampledF1 macro-F1 for each bootstrap resample of the items; with one seed these are the
 *     same items for all outcomes
 * @param resampledAccuracy accuracy likewise
 */
record SenseOutcome(
    String layer,
    int n,
    int right,
    int rounds,
    double accuracy,
    double macroF1,
    double[] resampledF1,
    double[] resampledAccuracy) {
  /** An item that was told to have no sense. */
  static final int NONE = -1;

  /** An item that a round did not tell. */
  static final int UNASKED = -2;

  /**
   * Counts.
   *
   * @param expected the right sense of each item, from 0
   * @param told for each round the sense that each item was told to have, {@link #NONE} or {@link
   *     #UNASKED}
   * @param senses how many there are
   */
  static SenseOutcome of(
      String layer, int[] expected, List<int[]> told, int senses, CoarseOptions options) {
    int n = expected.length;
    int[] all = new int[n];
    Arrays.setAll(all, i -> i);
    var f1 = new double[options.resamples()];
    var accuracy = new double[f1.length];
    var random = new SplittableRandom(options.seed());
    var some = new int[n];
    for (int r = 0; r < f1.length; r++) {
      for (int i = 0; i < n; i++) {
        some[i] = random.nextInt(n);
      }
      for (int[] round : told) {
        Counts counts = Counts.of(expected, round, some, senses);
        f1[r] += counts.macroF1() / told.size();
        accuracy[r] += counts.accuracy() / told.size();
      }
    }
    double meanF1 = 0;
    double meanAccuracy = 0;
    for (int[] round : told) {
      Counts counts = Counts.of(expected, round, all, senses);
      meanF1 += counts.macroF1() / told.size();
      meanAccuracy += counts.accuracy() / told.size();
    }
    int right = Counts.of(expected, told.getFirst(), all, senses).right;
    return new SenseOutcome(layer, n, right, told.size(), meanAccuracy, meanF1, f1, accuracy);
  }

  /** How many items of each sense there are, were told to have it, and rightly. */
  private static final class Counts {
    final int[] hits;
    final int[] expected;
    final int[] told;
    int items;
    int right;

    private Counts(int senses) {
      hits = new int[senses];
      expected = new int[senses];
      told = new int[senses];
    }

    static Counts of(int[] gold, int[] answers, int[] items, int senses) {
      var counts = new Counts(senses);
      for (int it : items) {
        if (answers[it] != UNASKED) {
          counts.add(gold[it], answers[it]);
        }
      }
      return counts;
    }

    private void add(int gold, int answer) {
      items++;
      expected[gold]++;
      if (answer != NONE) {
        told[answer]++;
      }
      if (gold == answer) {
        hits[gold]++;
        right++;
      }
    }

    double accuracy() {
      return items == 0 ? Double.NaN : (double) right / items;
    }

    double macroF1() {
      double sum = 0;
      int occurring = 0;
      for (int i = 0; i < hits.length; i++) {
        if (expected[i] + told[i] > 0) {
          sum += 2.0 * hits[i] / (expected[i] + told[i]);
          occurring++;
        }
      }
      return occurring == 0 ? Double.NaN : sum / occurring;
    }
  }

  /**
   * @param total how many items there are with those that could not be told
   */
  List<Score> scores(String section, int total) {
    Interval share =
        rounds == 1 ? Intervals.wilson(right, n) : Intervals.percentile(resampledAccuracy);
    return List.of(
        score(section, CoarseTrial.MACRO_F1, macroF1, Intervals.percentile(resampledF1), total),
        score(section, CoarseTrial.ACCURACY, accuracy, share, total));
  }

  private Score score(String section, String metric, double value, Interval interval, int total) {
    return new Score(section, layer, metric, value, interval.low(), interval.high(), n, total);
  }

  /**
   * The means over outcomes, with intervals of the bootstrap.
   *
   * @param outcomes at least one, of one layer and as many resamples
   */
  static List<Score> means(String section, List<SenseOutcome> outcomes, int total) {
    int n = outcomes.stream().mapToInt(SenseOutcome::n).sum();
    return mean(outcomes, n).scores(section, total);
  }

  /**
   * The means over outcomes as one.
   *
   * @param n how many items they are of
   */
  static SenseOutcome mean(List<SenseOutcome> outcomes, int n) {
    var f1 = new ArrayList<double[]>();
    var accuracy = new ArrayList<double[]>();
    for (SenseOutcome outcome : outcomes) {
      f1.add(outcome.resampledF1);
      accuracy.add(outcome.resampledAccuracy);
    }
    return new SenseOutcome(
        outcomes.getFirst().layer,
        n,
        outcomes.stream().mapToInt(SenseOutcome::right).sum(),
        Math.max(2, outcomes.size()), // whose accuracy is no share of all items any more
        outcomes.stream().mapToDouble(SenseOutcome::accuracy).average().orElseThrow(),
        outcomes.stream().mapToDouble(SenseOutcome::macroF1).average().orElseThrow(),
        mean(f1),
        mean(accuracy));
  }

  private static double[] mean(List<double[]> resampled) {
    var mean = new double[resampled.getFirst().length];
    for (double[] values : resampled) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += values[i] / resampled.size();
      }
    }
    return mean;
  }
}
