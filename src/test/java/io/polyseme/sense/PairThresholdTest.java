package io.polyseme.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.sense.PairThreshold.Split;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class PairThresholdTest {
  private static int right(float[] scores, boolean[] same, double least) {
    int right = 0;
    for (int i = 0; i < scores.length; i++) {
      right += scores[i] >= least == same[i] ? 1 : 0;
    }
    return right;
  }

  /** Few different scores, so that many are equal; every threshold that could differ is tried. */
  @RepeatedTest(100)
  void noOtherThresholdIsMoreOftenRight(RepetitionInfo repetition) {
    int seed = repetition.getCurrentRepetition();
    var random = new Random(seed);
    var scores = new float[1 + random.nextInt(30)];
    var same = new boolean[scores.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextInt(12) / 8f - 0.5f;
      same[i] = random.nextDouble() < 0.3 + 0.4 * scores[i];
    }
    Split found = Split.best(scores, same);
    assertEquals(right(scores, same, found.least()), found.right(), "seed " + seed);
    for (int i = -9; i < 20; i++) {
      double other = i / 16.0;
      assertTrue(right(scores, same, other) <= found.right(), other + ", seed " + seed);
    }
  }

  @Test
  void theThresholdStandsBetweenTheScores() {
    float[] scores = {0.25f, 0.75f, 0.5f, 0.5f};
    assertEquals(
        new Split(0.625, 4), Split.best(scores, new boolean[] {false, true, false, false}));
    assertEquals(new Split(-0.75, 4), Split.best(scores, new boolean[] {true, true, true, true}));
    assertEquals(new Split(1.75, 4), Split.best(scores, new boolean[4]));
  }
}
