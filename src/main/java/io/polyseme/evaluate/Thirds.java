package io.polyseme.evaluate;

import io.polyseme.sense.UsageMix;

/**
 * Layers by their relative depth, so that what was found of a model with 12 layers can be said of
 * one with 6 or 4: its third third, 9 to 12 of 12, is 5 and 6 of 6, and 3 and 4 of 4.
 */
final class Thirds {
  private Thirds() {}

  /**
   * The word in the third third.
   *
   * @param layers of the model, from 1
   */
  static UsageMix last(int layers) {
    return UsageMix.words(2 * layers / 3 + 1, layers);
  }

  /** The word in the second third, and apart from it in the third. */
  static UsageMix lastTwo(int layers) {
    int first = layers / 3 + 1;
    int last = Math.max(first, 2 * layers / 3);
    return UsageMix.words(first, last).plusWords(2 * layers / 3 + 1, layers, 1);
  }
}
