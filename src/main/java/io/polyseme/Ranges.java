package io.polyseme;

/** Ranges of options. */
public final class Ranges {
  private Ranges() {}

  /**
   * Holds a number to its range, ends included.
   *
   * @param name what a message begins with
   * @throws IllegalArgumentException if it is outside, or no number
   */
  public static void require(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "%s must be from %s to %s, and is %s"
              .formatted(name, number(least), number(most), number(value)));
    }
  }

  private static String number(double value) {
    return value == Math.rint(value) ? "%,d".formatted((long) value) : Double.toString(value);
  }
}
