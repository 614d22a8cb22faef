package io.polyseme.vector;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which vectors of a space may be answers, by their stored fields. The label counts as the field
 * {@value #LABEL}. A field that an entry does not have equals nothing.
 */
public sealed interface Filter {
  /** The name under which the label itself can be filtered. */
  String LABEL = "label";

  /** Everything. */
  Filter ALL = new All();

  /** Whether an entry passes, as {@code fields} tell of it (with {@value #LABEL} among them). */
  boolean accepts(Map<String, String> fields);

  record All() implements Filter {
    @Override
    public boolean accepts(Map<String, String> fields) {
      return true;
    }
  }

  /** The field is one of the values. */
  record In(String field, Set<String> values) implements Filter {
    public In {
      values = Set.copyOf(values);
    }

    @Override
    public boolean accepts(Map<String, String> fields) {
      String value = fields.get(field);
      return value != null && values.contains(value);
    }
  }

  /**
   * The whole of the field matches the pattern. In an index this goes through the values of the
   * field, where {@link In} looks them up.
   */
  record Matches(String field, Pattern pattern) implements Filter {
    @Override
    public boolean accepts(Map<String, String> fields) {
      String value = fields.get(field);
      return value != null && pattern.matcher(value).matches();
    }
  }

  /**
   * The field is a number within a range, its ends included; what is no number is not (see {@link
   * FieldValues#number}).
   *
   * @param least may be negative infinity
   * @param most may be infinity
   */
  record Range(String field, double least, double most) implements Filter {
    public Range {
      if (Double.isNaN(least) || Double.isNaN(most)) {
        throw new IllegalArgumentException("a range needs numbers as its ends");
      }
    }

    @Override
    public boolean accepts(Map<String, String> fields) {
      String value = fields.get(field);
      OptionalDouble number = value == null ? OptionalDouble.empty() : FieldValues.number(value);
      return number.isPresent() && number.getAsDouble() >= least && number.getAsDouble() <= most;
    }
  }

  /**
   * The field is a date or time within a range, its ends included; what is no date is not (see
   * {@link FieldValues#time}).
   *
   * @param least in milliseconds since 1970-01-01T00:00Z
   * @param most in the same
   */
  record Period(String field, long least, long most) implements Filter {
    @Override
    public boolean accepts(Map<String, String> fields) {
      String value = fields.get(field);
      OptionalLong time = value == null ? OptionalLong.empty() : FieldValues.time(value);
      return time.isPresent() && time.getAsLong() >= least && time.getAsLong() <= most;
    }
  }

  /** The field is there. */
  record Present(String field) implements Filter {
    @Override
    public boolean accepts(Map<String, String> fields) {
      return fields.containsKey(field);
    }
  }

  record Not(Filter filter) implements Filter {
    @Override
    public boolean accepts(Map<String, String> fields) {
      return !filter.accepts(fields);
    }
  }

  record And(List<Filter> filters) implements Filter {
    public And {
      filters = List.copyOf(filters);
    }

    @Override
    public boolean accepts(Map<String, String> fields) {
      return filters.stream().allMatch(f -> f.accepts(fields));
    }
  }

  record Or(List<Filter> filters) implements Filter {
    public Or {
      filters = List.copyOf(filters);
    }

    @Override
    public boolean accepts(Map<String, String> fields) {
      return filters.stream().anyMatch(f -> f.accepts(fields));
    }
  }

  /** Labels that match as a whole. */
  static Filter labels(Pattern pattern) {
    return new Matches(LABEL, pattern);
  }

  static Filter equal(String field, String value) {
    return new In(field, Set.of(value));
  }

  default Filter and(Filter other) {
    return this instanceof All ? other : new And(List.of(this, other));
  }

  default Filter or(Filter other) {
    return new Or(List.of(this, other));
  }

  default Filter not() {
    return new Not(this);
  }
}
