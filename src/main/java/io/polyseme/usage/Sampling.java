package io.polyseme.usage;

import io.polyseme.vector.RandomOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Seeded samples. */
final class Sampling {
  private Sampling() {}

  /**
   * So many items chosen at random without replacement, in their order.
   *
   * @param count at most as many as there are
   */
  static <T> List<T> of(List<T> items, int count, SplittableRandom random) {
    return Arrays.stream(RandomOrder.sampled(items.size(), count, random))
        .mapToObj(items::get)
        .toList();
  }
}
