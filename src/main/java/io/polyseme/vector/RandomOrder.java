package io.polyseme.vector;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Numbers from 0 in an order, or in a choice, that a generator makes; the same for its seed. */
public final class RandomOrder {
  private RandomOrder() {}

  /** All numbers below a size, shuffled (Fisher and Yates, from the end). */
  public static int[] shuffled(int size, RandomGenerator random) {
    var order = new int[size];
    Arrays.setAll(order, i -> i);
    for (int i = size - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  /**
   * Distinct numbers below a size, in ascending order (Knuth's algorithm S).
   *
   * @param count at most the size
   */
  public static int[] sampled(int size, int count, RandomGenerator random) {
    var sample = new int[count];
    int taken = 0;
    for (int i = 0; taken < count; i++) {
      if (random.nextInt(size - i) < count - taken) {
        sample[taken++] = i;
      }
    }
    return sample;
  }
}
