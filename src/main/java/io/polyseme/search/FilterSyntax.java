package io.polyseme.search;

import io.polyseme.vector.FieldValues;
import io.polyseme.vector.Filter;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Filters as text:
 *
 * <pre>
 * type = report and year &gt;= 2019
 * modified &gt;= 2024-05 and not (author = "Ann Lee" or author in (Bo, "C., D."))
 * title ~ .*budget.* and exists(page)
 * </pre>
 *
 * <p>Conditions are {@code =}, {@code !=}, {@code <}, {@code <=}, {@code >}, {@code >=}, {@code ~}
 * (a regular expression for the whole value), {@code in (...)} and {@code exists(FIELD)}; they are
 * joined by {@code and}, {@code or}, {@code not} and parentheses, {@code and} before {@code or}. A
 * value goes on to the next of these words, or stands in quotes. What is compared is a number, or a
 * date (2024, 2024-05, 2024-05-17, 2024-05-17T12:30:00Z), which stands for all of its time.
 */
public final class FilterSyntax {
  private static final Pattern YEAR = Pattern.compile("[12]\\d{3}");
  private static final Pattern MONTH = Pattern.compile("\\d{4}-\\d{2}");
  private static final int DEEPEST = 100;

  private final String text;
  private int at;
  private int depth;

  private FilterSyntax(String text) {
    this.text = text;
  }

  /**
   * Reads a filter.
   *
   * @throws IllegalArgumentException if it is none, with the place
   */
  public static Filter parse(String text) {
    var syntax = new FilterSyntax(text);
    Filter filter = syntax.either();
    syntax.space();
    if (syntax.at < text.length()) {
      throw syntax.wrong("expected \"and\", \"or\" or the end");
    }
    return filter;
  }

  private Filter either() {
    var parts = new ArrayList<Filter>();
    do {
      parts.add(both());
    } while (word("or"));
    return parts.size() == 1 ? parts.getFirst() : new Filter.Or(parts);
  }

  private Filter both() {
    var parts = new ArrayList<Filter>();
    do {
      parts.add(one());
    } while (word("and"));
    return parts.size() == 1 ? parts.getFirst() : new Filter.And(parts);
  }

  private Filter one() {
    if (++depth > DEEPEST) {
      throw wrong("it is nested too deep");
    }
    try {
      if (word("not")) {
        return one().not();
      }
      if (sign("(")) {
        Filter inner = either();
        require(")");
        return inner;
      }
      return condition();
    } finally {
      depth--;
    }
  }

  private Filter condition() {
    String field = field();
    if (field.equalsIgnoreCase("exists") && sign("(")) {
      String name = field();
      require(")");
      return new Filter.Present(name);
    }
    if (word("in")) {
      require("(");
      Set<String> values = new LinkedHashSet<>();
      do {
        values.add(value(true));
      } while (sign(","));
      require(")");
      return new Filter.In(field, values);
    }
    for (String operator : List.of("!=", "<=", ">=", "=", "<", ">", "~")) {
      int start = at;
      if (sign(operator)) {
        return compare(field, operator, value(false), start);
      }
    }
    throw wrong("expected =, !=, <, <=, >, >=, ~ or in after \"%s\"".formatted(field));
  }

  private Filter compare(String field, String operator, String value, int start) {
    switch (operator) {
      case "=":
        return equal(field, value);
      case "!=":
        return equal(field, value).not();
      case "~":
        try {
          return new Filter.Matches(field, Pattern.compile(value));
        } catch (PatternSyntaxException e) {
          throw wrong("\"%s\" is no regular expression: %s".formatted(value, e.getDescription()));
        }
      default:
        break;
    }
    OptionalDouble number = FieldValues.number(value);
    Filter.@Nullable Period time = period(field, value);
    Filter numbers =
        number.isEmpty()
            ? null
            : switch (operator) {
              case "<" ->
                  new Filter.Range(
                      field, Double.NEGATIVE_INFINITY, Math.nextDown(number.getAsDouble()));
              case "<=" -> new Filter.Range(field, Double.NEGATIVE_INFINITY, number.getAsDouble());
              case ">" ->
                  new Filter.Range(
                      field, Math.nextUp(number.getAsDouble()), Double.POSITIVE_INFINITY);
              default -> new Filter.Range(field, number.getAsDouble(), Double.POSITIVE_INFINITY);
            };
    Filter times =
        time == null
            ? null
            : switch (operator) {
              case "<" -> new Filter.Period(field, Long.MIN_VALUE, time.least() - 1);
              case "<=" -> new Filter.Period(field, Long.MIN_VALUE, time.most());
              case ">" -> new Filter.Period(field, time.most() + 1, Long.MAX_VALUE);
              default -> new Filter.Period(field, time.least(), Long.MAX_VALUE);
            };
    if (numbers == null && times == null) {
      at = start;
      throw wrong(
          "\"%s\" can only be compared by = and ~: it is no number or date".formatted(value));
    }
    if (numbers == null || times == null) {
      return numbers == null ? times : numbers;
    }
    return new Filter.Or(List.of(numbers, times)); // 2019 is a number, or a year
  }

  private static Filter equal(String field, String value) {
    Filter same = Filter.equal(field, value);
    Filter.@Nullable Period time = period(field, value);
    return time == null ? same : new Filter.Or(List.of(same, time));
  }

  /** The time that a date stands for; null where it is no date. */
  private static Filter.@Nullable Period period(String field, String value) {
    try {
      if (YEAR.matcher(value).matches()) {
        LocalDate first = LocalDate.of(Integer.parseInt(value), 1, 1);
        return period(field, first, first.plusYears(1));
      }
      if (MONTH.matcher(value).matches()) {
        LocalDate first = YearMonth.parse(value).atDay(1);
        return period(field, first, first.plusMonths(1));
      }
      if (value.length() == 10 && FieldValues.time(value).isPresent()) {
        LocalDate day = LocalDate.parse(value);
        return period(field, day, day.plusDays(1));
      }
    } catch (DateTimeException _) {
      return null;
    }
    OptionalLong moment = FieldValues.time(value);
    return moment.isEmpty()
        ? null
        : new Filter.Period(field, moment.getAsLong(), moment.getAsLong());
  }

  private static Filter.Period period(String field, LocalDate from, LocalDate before) {
    return new Filter.Period(
        field,
        from.atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli(),
        before.atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli() - 1);
  }

  private String field() {
    space();
    if (at < text.length() && isQuote(text.charAt(at))) {
      return quoted();
    }
    int start = at;
    while (at < text.length()
        && !Character.isWhitespace(text.charAt(at))
        && "=!<>~(),\"'".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    if (at == start) {
      throw wrong("expected the name of a field");
    }
    return text.substring(start, at);
  }

  /**
   * @param listed whether it ends at a comma
   */
  private String value(boolean listed) {
    space();
    if (at < text.length() && isQuote(text.charAt(at))) {
      return quoted();
    }
    int start = at;
    int open = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '(') {
        open++;
      } else if (c == ')' && (listed || depth > 1) && open == 0) {
        break;
      } else if (c == ')') {
        open--;
      } else if (c == ',' && listed) {
        break;
      } else if (Character.isWhitespace(c) && (ahead("and") || ahead("or"))) {
        break;
      }
      at++;
    }
    String value = text.substring(start, at).strip();
    if (value.isEmpty()) {
      at = start;
      throw wrong("expected a value; one that is empty is written \"\"");
    }
    return value;
  }

  private static boolean isQuote(char c) {
    return c == '"' || c == '\'';
  }

  private String quoted() {
    int start = at;
    char quote = text.charAt(at++);
    var value = new StringBuilder();
    while (at < text.length() && text.charAt(at) != quote) {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      value.append(text.charAt(at++));
    }
    if (at >= text.length()) {
      at = start;
      throw wrong("the quote is not closed");
    }
    at++;
    return value.toString();
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private boolean sign(String sign) {
    space();
    if (text.startsWith(sign, at)) {
      at += sign.length();
      return true;
    }
    return false;
  }

  private void require(String sign) {
    if (!sign(sign)) {
      throw wrong("expected \"" + sign + '"');
    }
  }

  /** Whether a word stands behind the white space here. */
  private boolean ahead(String word) {
    int from = at;
    while (from < text.length() && Character.isWhitespace(text.charAt(from))) {
      from++;
    }
    int end = from + word.length();
    return text.regionMatches(true, from, word, 0, word.length())
        && (end >= text.length()
            || Character.isWhitespace(text.charAt(end))
            || text.charAt(end) == '(');
  }

  private boolean word(String word) {
    space();
    if (!ahead(word) || at + word.length() >= text.length()) {
      return false;
    }
    // A field of this name is compared; the word is not.
    int next = at + word.length();
    while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
      next++;
    }
    if (next < text.length() && "=!<>~".indexOf(text.charAt(next)) >= 0) {
      return false;
    }
    at += word.length();
    return true;
  }

  private IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException(
        "the filter \"%s\" cannot be read at its character %d: %s"
            .formatted(text.length() <= 200 ? text : text.substring(0, 200) + "…", at + 1, what));
  }
}
