package io.polyseme.usage;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Seeded samples. */
final class Sampling {
  private Sampling() {}

  /**
   * So many items chosen at random without replacement, in their order (Knuth's algorithm S).
   *
   * @param count at most as many as there are
   */
  static <T> List<T> of(List<T> items, int count, SplittableRandom random) {
    var sample = new ArrayList<T>(count);
    for (int i = 0; sample.size() < count; i++) {
      int left = items.size() - i;
      if (random.nextInt(left) < count - sample.size()) {
        sample.add(items.get(i));
      }
    }
    return sample;
  }
}
