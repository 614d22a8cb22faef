package io.polyseme.words;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Decimal numbers in text to float32, with the very result of {@link Float#parseFloat} and without
 * garbage. Thread-safe.
 *
 * <p>Up to 19 digits are a long; it is divided by or multiplied with a power of ten that a double
 * holds exactly (10^22 is the last). That double is off by at most two units in its last place, so
 * it is rounded to the right float unless it lies that near to the middle between two floats, which
 * is one number in some fifty million: those, and numbers of more digits or other powers, go to
 * {@link Float#parseFloat}. (Clinger 1990, "How to Read Floating Point Numbers Accurately".)
 */
final class FloatParser {
  /** What {@link #parse} returns where there is no number. */
  static final long NO_NUMBER = -1;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final double[] POWERS = new double[23];
  private static final long[] WHOLE_POWERS = new long[9];

  /** A double has 29 bits more than a float; this is the middle between two floats. */
  private static final int MIDDLE = 1 << 28;

  private static final int BELOW = (1 << 29) - 1;
  private static final int MARGIN = 4;
  private static final int MOST_DIGITS = 18;

  static {
    double power = 1;
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = power;
      power *= 10;
    }
    for (int i = 0; i < WHOLE_POWERS.length; i++) {
      WHOLE_POWERS[i] = (long) POWERS[i];
    }
  }

  private FloatParser() {}

  /**
   * Reads the number that begins at {@code from}: digits with or without a sign, a point and an
   * exponent, or {@code nan}, {@code inf} or {@code infinity} in any case. Something that can be no
   * part of a number, like a line feed, must come before the array ends.
   *
   * @return where the number ends in the upper 32 bits, and the bits of the float in the lower;
   *     {@link #NO_NUMBER} where there is none. What follows the number is not looked at.
   */
  static long parse(byte[] b, int from) {
    int i = from;
    boolean negative = b[i] == '-';
    if (negative || b[i] == '+') {
      i++;
    }
    int start = i;
    long digits = 0;
    int c;
    while ((c = b[i] - '0') >= 0 && c <= 9) {
      digits = digits * 10 + c;
      i++;
    }
    int count = i - start;
    int exponent = 0;
    if (c == '.' - '0') {
      int point = ++i;
      if (i + Long.BYTES <= b.length) {
        // Up to eight digits at once. Each byte becomes its digit; those that were none get their
        // highest bit, of which the first is right and the others may not be.
        long eight = (long) LONG.get(b, i) ^ 0x3030303030303030L;
        long none = ((eight + 0x7676767676767676L) | eight) & 0x8080808080808080L;
        int n = Long.numberOfTrailingZeros(none) >>> 3;
        if (n > 0) {
          digits = digits * WHOLE_POWERS[n] + number(eight << (64 - 8 * n));
          i += n;
        }
      }
      while ((c = b[i] - '0') >= 0 && c <= 9) {
        digits = digits * 10 + c;
        i++;
      }
      exponent = point - i;
      count -= exponent;
    }
    if (count == 0) {
      return word(b, start, negative);
    }
    if ((b[i] | 0x20) == 'e') {
      int e = i + 1;
      boolean below = b[e] == '-';
      if (below || b[e] == '+') {
        e++;
      }
      int first = e;
      int value = 0;
      while ((c = b[e] - '0') >= 0 && c <= 9) {
        value = Math.min(value * 10 + c, 1 << 20);
        e++;
      }
      if (e == first) {
        return NO_NUMBER;
      }
      exponent += below ? -value : value;
      i = e;
    }
    if (count <= MOST_DIGITS && exponent >= -22 && exponent <= 22) {
      double d = exponent < 0 ? digits / POWERS[-exponent] : digits * POWERS[exponent];
      int rest = (int) Double.doubleToRawLongBits(d) & BELOW;
      if (d < 1e38 && Math.abs(rest - MIDDLE) > MARGIN) {
        return result(i, negative ? -(float) d : (float) d);
      }
    }
    return result(i, Float.parseFloat(new String(b, from, i - from, StandardCharsets.ISO_8859_1)));
  }

  /** The number that eight digits make, the first in the lowest byte; two, four, then all eight. */
  private static long number(long digits) {
    long pairs = digits * 10 + (digits >>> 8);
    return ((pairs & 0xff000000ffL) * (100 + (1_000_000L << 32))
            + (pairs >>> 16 & 0xff000000ffL) * (1 + (10_000L << 32)))
        >>> 32;
  }

  private static long word(byte[] b, int start, boolean negative) {
    int end = start;
    while (end - start < 9 && b[end] >= 'A' && b[end] <= 'z') {
      end++;
    }
    String word =
        new String(b, start, end - start, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    return switch (word) {
      case "nan" -> result(end, Float.NaN);
      case "inf", "infinity" ->
          result(end, negative ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY);
      default -> NO_NUMBER;
    };
  }

  private static long result(int end, float value) {
    return (long) end << 32 | Float.floatToRawIntBits(value) & 0xffffffffL;
  }

  static int end(long result) {
    return (int) (result >> 32);
  }

  static float value(long result) {
    return Float.intBitsToFloat((int) result);
  }
}
