package io.polyseme.sense;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SenseWeightsTest {
  private static SenseWeights.Features features(double[] usages, double[] counts) {
    var places = new int[usages.length];
    Arrays.setAll(places, i -> i + 1);
    var glosses = new double[usages.length];
    Arrays.fill(glosses, Double.NaN);
    return new SenseWeights.Features(usages, glosses, counts, places);
  }

  @Test
  void scoresAreWhatTheFormulaSays() {
    SenseWeights weights = SenseWeights.of(10, 0.1, 0, 2, 0.5);
    double[] scores = weights.scores(features(new double[] {0.5, Double.NaN}, new double[] {3, 0}));
    assertEquals(10 * 0.5 + 2 * Math.log(3.5 / 4), scores[0], 1e-12);
    assertEquals(10 * 0.1 + 2 * Math.log(0.5 / 4), scores[1], 1e-12);
    assertArrayEquals(
        new double[] {Math.exp(0) / (1 + Math.exp(-1)), Math.exp(-1) / (1 + Math.exp(-1))},
        SenseWeights.probabilities(new double[] {7, 6}),
        1e-12);
  }

  /** What was never counted goes by the inventory's order. */
  @Test
  void theOrderOfTheInventory() {
    SenseWeights weights = SenseWeights.of(0, 0, 0, 1, 1);
    double[] frequencies =
        weights.frequencies(features(new double[] {0, 0, 0}, new double[] {0, 0, 0}));
    assertArrayEquals(new double[] {6.0 / 11, 3.0 / 11, 2.0 / 11}, frequencies, 1e-12);
  }

  @Test
  void aSenseWithoutUsagesCanBeTakenAsTheOthersAre() {
    SenseWeights weights = SenseWeights.of(1, Double.NaN, 0, 0, 1);
    double[] scores = weights.scores(features(new double[] {0.2, Double.NaN, 0.4}, new double[3]));
    assertArrayEquals(new double[] {0.2, 0.3, 0.4}, scores, 1e-12);
  }

  /** Found on data whose right answers follow known weights, they answer others of the kind. */
  @Test
  void weightsAreFoundThatTellTheSenses() {
    var random = new Random(11);
    List<SenseWeights.Labelled> items = draw(random, 3000);
    List<SenseWeights.Labelled> others = draw(random, 3000);
    SenseWeights start = SenseWeights.of(1, 0, 0, 1, 1);
    SenseWeights found = start.fitted(items);
    double right = right(found, others);
    assertTrue(right > right(start, others) + 0.05, () -> "right " + right);
    double gap = 0;
    double told = 0;
    for (SenseWeights.Labelled item : others) {
      double[] p = SenseWeights.probabilities(found.scores(item.features()));
      found.confidence().apply(p);
      told += Arrays.stream(p).max().orElseThrow() / others.size();
      assertEquals(1, Arrays.stream(p).sum(), 1e-9);
    }
    gap = Math.abs(told - right);
    assertTrue(gap < 0.03, "told " + told + ", right " + right);
  }

  private static double right(SenseWeights weights, List<SenseWeights.Labelled> items) {
    double right = 0;
    for (SenseWeights.Labelled item : items) {
      double[] scores = weights.scores(item.features());
      int first = 0;
      for (int s = 1; s < scores.length; s++) {
        first = scores[s] > scores[first] ? s : first;
      }
      right += first == item.right() ? 1.0 / items.size() : 0;
    }
    return right;
  }

  private static List<SenseWeights.Labelled> draw(Random random, int count) {
    SenseWeights truth = SenseWeights.of(20, 0.1, 0, 0.5, 0.5);
    var items = new ArrayList<SenseWeights.Labelled>();
    for (int i = 0; i < count; i++) {
      int k = 2 + random.nextInt(5);
      var usages = new double[k];
      var counts = new double[k];
      for (int s = 0; s < k; s++) {
        counts[s] = random.nextInt(20);
        usages[s] = counts[s] == 0 ? Double.NaN : 0.2 + 0.15 * random.nextGaussian();
      }
      SenseWeights.Features features = features(usages, counts);
      double[] p = SenseWeights.probabilities(truth.scores(features));
      double at = random.nextDouble();
      int right = 0;
      while (right < k - 1 && at >= p[right]) {
        at -= p[right++];
      }
      items.add(new SenseWeights.Labelled(features, right));
    }
    return items;
  }

  @Test
  void weightsThatAreNoneAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> SenseWeights.of(-1, 0, 0, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> SenseWeights.of(1, 0, 0, Double.NaN, 1));
    assertThrows(IllegalArgumentException.class, () -> SenseWeights.of(1, 0, 0, 0, 0));
    assertThrows(
        IllegalArgumentException.class, () -> SenseWeights.of(1, 0, 0, 0, 1).withTemperature(0));
  }

  @Test
  void confidenceNeverFallsAndKeepsTheOrder() {
    var random = new Random(4);
    for (int round = 0; round < 50; round++) {
      int n = 1 + random.nextInt(400);
      var told = new double[n];
      var right = new boolean[n];
      for (int i = 0; i < n; i++) {
        told[i] = random.nextDouble();
        right[i] = random.nextDouble() < told[i] * told[i];
      }
      Confidence confidence = Confidence.of(told, right);
      double before = 0;
      for (double p = 0; p <= 1; p += 0.01) {
        double now = confidence.of(p);
        assertTrue(now >= before - 1e-12 && now <= 1, "at " + p);
        before = now;
      }
      int k = 1 + random.nextInt(6);
      double[] p = SenseWeights.probabilities(random.doubles(k, -3, 3).toArray());
      double[] changed = p.clone();
      confidence.apply(changed);
      assertEquals(1, Arrays.stream(changed).sum(), 1e-9);
      for (int i = 0; i < k; i++) {
        for (int j = 0; j < k; j++) {
          if (p[i] > p[j]) {
            assertTrue(changed[i] >= changed[j] - 1e-12, Arrays.toString(changed));
          }
        }
      }
    }
    assertEquals(0.3, Confidence.UNCHANGED.of(0.3), 1e-12);
  }
}
