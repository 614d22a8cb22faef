package io.polyseme.train.transformer;

/** Ranges of options. */
final class Within {
  private Within() {}

  /**
   * @throws IllegalArgumentException if the value is not in the range
   */
  static void range(String what, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "the %s must be from %s to %s, and is %s"
              .formatted(what, plain(least), plain(most), plain(value)));
    }
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
