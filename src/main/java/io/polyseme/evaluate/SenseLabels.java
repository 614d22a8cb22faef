package io.polyseme.evaluate;

import io.polyseme.evaluate.Intervals.Interval;
import io.polyseme.sense.PartOfSpeech;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

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

  private static Score f1(String section, List<Item> items, int resamples, long seed) {
    int n = items.size();
    double[] values = new double[resamples];
    boolean[] right = new boolean[n];
    boolean[] told = new boolean[n];
    for (int i = 0; i < n; i++) {
      right[i] = items.get(i).right();
      told[i] = !items.get(i).answer.isEmpty();
    }
    var random = new SplittableRandom(seed);
    for (int r = 0; r < resamples; r++) {
      int hits = 0;
      int answers = 0;
      for (int i = 0; i < n; i++) {
        int it = random.nextInt(n);
        hits += right[it] ? 1 : 0;
        answers += told[it] ? 1 : 0;
      }
      values[r] = f1(hits, answers, n);
    }
    int hits = (int) items.stream().filter(Item::right).count();
    Interval interval = n == 0 ? Interval.NONE : Intervals.percentile(values);
    int answered = answered(items);
    return new Score(
        section,
        "",
        F1,
        n == 0 ? Double.NaN : f1(hits, answered, n),
        interval.low(),
        interval.high(),
        answered,
        n);
  }

  private static double f1(int hits, int answers, int items) {
    return answers + items == 0 ? Double.NaN : 2.0 * hits / (answers + items);
  }

  private static Score difference(List<Item> items, List<Item> floor, int resamples, long seed) {
    int n = items.size();
    var random = new SplittableRandom(seed);
    double[] values = new double[resamples];
    for (int r = 0; r < resamples; r++) {
      int[] hits = new int[2];
      int[] answers = new int[2];
      for (int i = 0; i < n; i++) {
        int it = random.nextInt(n);
        count(items.get(it), 0, hits, answers);
        count(floor.get(it), 1, hits, answers);
      }
      values[r] = f1(hits[0], answers[0], n) - f1(hits[1], answers[1], n);
    }
    int[] hits = new int[2];
    int[] answers = new int[2];
    for (int i = 0; i < n; i++) {
      count(items.get(i), 0, hits, answers);
      count(floor.get(i), 1, hits, answers);
    }
    Interval interval = Intervals.percentile(values);
    return new Score(
        ALL,
        "",
        OVER_FREQUENCY,
        f1(hits[0], answers[0], n) - f1(hits[1], answers[1], n),
        interval.low(),
        interval.high(),
        answers[0],
        n);
  }

  private static void count(Item item, int at, int[] hits, int[] answers) {
    hits[at] += item.right() ? 1 : 0;
    answers[at] += item.answer.isEmpty() ? 0 : 1;
  }

  private static Score calibration(List<Item> items, int total, int resamples, long seed) {
    var random = new SplittableRandom(seed);
    double[] values = new double[resamples];
    var some = new ArrayList<>(Collections.nCopies(items.size(), items.getFirst()));
    for (int r = 0; r < resamples; r++) {
      for (int i = 0; i < items.size(); i++) {
        some.set(i, items.get(random.nextInt(items.size())));
      }
      values[r] = calibrationError(some);
    }
    Interval interval = Intervals.percentile(values);
    return new Score(
        ALL,
        "",
        CALIBRATION,
        calibrationError(items),
        interval.low(),
        interval.high(),
        items.size(),
        total);
  }

  private static double calibrationError(List<Item> items) {
    double[] gap = new double[BINS];
    for (Item item : items) {
      int bin = Math.clamp((int) (item.probability * BINS), 0, BINS - 1);
      gap[bin] += (item.right() ? 1 : 0) - item.probability;
    }
    double error = 0;
    for (double of : gap) {
      error += Math.abs(of) / items.size();
    }
    return error;
  }
}
