package io.polyseme.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WordSamplerTest {
  @Test
  void wordsAreDrawnByTheirFrequency() {
    long[] counts = {1000, 0, 10, 100, 3};
    var sampler = new WordSampler(counts);
    var drawn = new int[counts.length];
    var random = new SplittableRandom(4);
    int n = 1_000_000;
    for (int i = 0; i < n; i++) {
      drawn[sampler.draw(random)]++;
    }
    double sum = 0;
    for (int w = 0; w < counts.length; w++) {
      sum += sampler.probability(w);
      assertEquals(sampler.probability(w), drawn[w] / (double) n, 0.002);
    }
    assertEquals(1, sum, 1e-12);
    // (100.5 / 10.5) ^ 0.75
    assertEquals(5.4417, sampler.probability(3) / sampler.probability(2), 0.001);
  }
}
