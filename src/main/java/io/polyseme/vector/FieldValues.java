package io.polyseme.vector;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a stored field's text is besides text. A field has no declared type: each value counts as a
 * number or as a date where it is written as one, and always as a keyword.
 */
public final class FieldValues {
  private static final int LONGEST_NUMBER = 40;
  private static final int LONGEST_TIME = 40;

  private FieldValues() {}

  /** A number in decimal digits, as {@code -3}, {@code 0.5} or {@code 1e9}; finite. */
  public static OptionalDouble number(String text) {
    if (!looksLikeNumber(text)) {
      return OptionalDouble.empty();
    }
    try {
      double number = Double.parseDouble(text);
      return Double.isFinite(number) ? OptionalDouble.of(number) : OptionalDouble.empty();
    } catch (NumberFormatException _) {
      return OptionalDouble.empty();
    }
  }

  /** Without what only {@link Double#parseDouble} takes for a number: spaces, hex, suffixes. */
  private static boolean looksLikeNumber(String text) {
    if (text.isEmpty() || text.length() > LONGEST_NUMBER) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean digit = c >= '0' && c <= '9';
      if (!digit && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
        return false;
      }
    }
    return true;
  }

  /**
   * A date or time as ISO 8601 writes it, in milliseconds since 1970-01-01T00:00Z: {@code
   * 2024-05-17} (its beginning), {@code 2024-05-17T12:30:00}, both in UTC, or {@code
   * 2024-05-17T12:30:00+02:00}.
   */
  public static OptionalLong time(String text) {
    if (!looksLikeTime(text)) {
      return OptionalLong.empty();
    }
    try {
      if (text.length() == 10) {
        return OptionalLong.of(
            LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli());
      }
      int zone =
          Math.max(text.indexOf('+', 10), Math.max(text.indexOf('-', 10), text.indexOf('Z')));
      return OptionalLong.of(
          zone < 0
              ? LocalDateTime.parse(text).toInstant(ZoneOffset.UTC).toEpochMilli()
              : OffsetDateTime.parse(text).toInstant().toEpochMilli());
    } catch (DateTimeException _) {
      return OptionalLong.empty();
    }
  }

  private static boolean looksLikeTime(String text) {
    return text.length() >= 10
        && text.length() <= LONGEST_TIME
        && text.charAt(4) == '-'
        && text.charAt(7) == '-'
        && Character.isDigit(text.charAt(0))
        && (text.length() == 10 || text.charAt(10) == 'T');
  }
}
