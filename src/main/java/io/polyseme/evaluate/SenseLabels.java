package io.polyseme.evaluate;

import io.polyseme.Intervals;
import io.polyseme.Intervals.Interval;
import io.polyseme.sense.PartOfSpeech;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/**
 * All-words disambiguation scored as the unified framework does (Raganato, Camacho-Collados and
 * Navigli 2017): an answer is right if it is among the item's senses; F1 is the harmonic mean of
 * the share of answers that are right and the share of items that are rightly answered. With an
 * answer for every item both are the accuracy.
 */
public final class SenseLabels {
  /** All parts of speech together. */
  public static final String ALL = "all";

  /** The name of the F1. */
  public static final String F1 = "f1";

  /** F1 less that of the most frequent sense, on the same resamples. */
  public static final String OVER_FREQUENCY = "f1 over most frequent";

  /**
   * The expected calibration error (Guo, Pleiss, Sun and Weinberger 2017, "On Calibration of Modern
   * Neural Networks", section 2): the mean gap between probability and accuracy over ten bins of
   * equal width.
   */
  public static final String CALIBRATION = "calibration error";

  private static final int BINS = 10;

  private SenseLabels() {}

  /**
   * An item and what was answered.
   *
   * @param pos the item's part of speech
   * @param gold the senses that are right; at least one
   * @param answer a sense; empty where there was no answer
   * @param probability how sure the answer is, from 0 to 1; NaN where it does not say
   */
  public record Item(PartOfSpeech pos, Set<String> gold, String answer, double probability) {
    public Item {
      gold = Set.copyOf(gold);
    }

    boolean right() {
      return gold.contains(answer);
    }
  }

  /**
   * Scores answers.
   *
   * @param items one for each item of the test
   * @param floor the most frequent sense's answers to the same items; empty for none
   * @param resamples how many bootstrap resamples the intervals rest on
   * @return for {@link #ALL} and each part of speech {@link #F1}; for {@link #ALL} also {@link
   *     #OVER_FREQUENCY} and {@link #CALIBRATION} where there is what they need
   */
  public static Evaluation score(List<Item> items, List<Item> floor, int resamples, long seed) {
    if (!floor.isEmpty() && floor.size() != items.size()) {
      throw new IllegalArgumentException(
          "%d items and %d of the floor".formatted(items.size(), floor.size()));
    }
    var scores = new ArrayList<Score>();
    scores.add(f1(ALL, items, resamples, seed));
    for (PartOfSpeech pos : PartOfSpeech.values()) {
      List<Item> some = items.stream().filter(item -> item.pos == pos).toList();
      if (!some.isEmpty()) {
        scores.add(f1(pos.toString(), some, resamples, seed));
      }
    }
    if (!floor.isEmpty() && !items.isEmpty()) {
      scores.add(difference(items, floor, resamples, seed));
    }
    List<Item> sure =
        items.stream()
            .filter(item -> !item.answer.isEmpty() && !Double.isNaN(item.probability))
            .toList();
    if (!sure.isEmpty()) {
      scores.add(calibration(sure, items.size(), resamples, seed));
    }
    return new Evaluation(scores, List.of());
  }

  private static int answered(Collection<Item> items) {
    return (int) items.stream().filter(item -> !item.answer.isEmpty()).count();
  }

  /** Answers as numbers, which resampling goes through a thousand times. */
  private static final class Marks {
    final boolean[] right;
    final boolean[] told;

    Marks(List<Item> items) {
      right = new boolean[items.size()];
      told = new boolean[right.length];
      for (int i = 0; i < right.length; i++) {
        right[i] = items.get(i).right();
        told[i] = !items.get(i).answer.isEmpty();
      }
    }

    double f1() {
      int hits = 0;
      int answers = 0;
      for (int i = 0; i < right.length; i++) {
        hits += right[i] ? 1 : 0;
        answers += told[i] ? 1 : 0;
      }
      return SenseLabels.f1(hits, answers, right.length);
    }
  }

  private static Score f1(String section, List<Item> items, int resamples, long seed) {
    int n = items.size();
    var marks = new Marks(items);
    var values = new double[resamples];
    var random = new SplittableRandom(seed);
    for (int r = 0; r < resamples; r++) {
      int hits = 0;
      int answers = 0;
      for (int i = 0; i < n; i++) {
        int it = random.nextInt(n);
        hits += marks.right[it] ? 1 : 0;
        answers += marks.told[it] ? 1 : 0;
      }
      values[r] = f1(hits, answers, n);
    }
    Interval interval = n == 0 ? Interval.NONE : Intervals.percentile(values);
    double value = n == 0 ? Double.NaN : marks.f1();
    return new Score(section, "", F1, value, interval.low(), interval.high(), answered(items), n);
  }

  private static double f1(int hits, int answers, int items) {
    return answers + items == 0 ? Double.NaN : 2.0 * hits / (answers + items);
  }

  private static Score difference(List<Item> items, List<Item> floor, int resamples, long seed) {
    int n = items.size();
    var marks = new Marks(items);
    var others = new Marks(floor);
    var random = new SplittableRandom(seed);
    var values = new double[resamples];
    for (int r = 0; r < resamples; r++) {
      int hits = 0;
      int answers = 0;
      int otherHits = 0;
      int otherAnswers = 0;
      for (int i = 0; i < n; i++) {
        int it = random.nextInt(n);
        hits += marks.right[it] ? 1 : 0;
        answers += marks.told[it] ? 1 : 0;
        otherHits += others.right[it] ? 1 : 0;
        otherAnswers += others.told[it] ? 1 : 0;
      }
      values[r] = f1(hits, answers, n) - f1(otherHits, otherAnswers, n);
    }
    Interval interval = Intervals.percentile(values);
    return new Score(
        ALL,
        "",
        OVER_FREQUENCY,
        marks.f1() - others.f1(),
        interval.low(),
        interval.high(),
        answered(items),
        n);
  }

  private static Score calibration(List<Item> items, int total, int resamples, long seed) {
    int n = items.size();
    var bins = new int[n];
    var gaps = new double[n];
    for (int i = 0; i < n; i++) {
      Item item = items.get(i);
      bins[i] = Math.clamp((int) (item.probability * BINS), 0, BINS - 1);
      gaps[i] = (item.right() ? 1 : 0) - item.probability;
    }
    var random = new SplittableRandom(seed);
    var values = new double[resamples];
    for (int r = 0; r < resamples; r++) {
      values[r] = calibrationError(n, bins, gaps, _ -> random.nextInt(n));
    }
    Interval interval = Intervals.percentile(values);
    return new Score(
        ALL,
        "",
        CALIBRATION,
        calibrationError(n, bins, gaps, i -> i),
        interval.low(),
        interval.high(),
        n,
        total);
  }

  private static double calibrationError(
      int n, int[] bins, double[] gaps, IntUnaryOperator chosen) {
    var gap = new double[BINS];
    for (int i = 0; i < n; i++) {
      int it = chosen.applyAsInt(i);
      gap[bins[it]] += gaps[it];
    }
    double error = 0;
    for (double of : gap) {
      error += Math.abs(of) / n;
    }
    return error;
  }
}
