package io.polyseme.vector;

import java.util.List;
import java.util.Map;
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
   * The whole of the field matches the pattern. In an index this reads the fields of every entry,
   * where {@link In} does not.
   */
  record Matches(String field, Pattern pattern) implements Filter {
    @Override
    public boolean accepts(Map<String, String> fields) {
      String value = fields.get(field);
      return value != null && pattern.matcher(value).matches();
    }
  }

  /**
   * The field is a whole number within a range, its ends included; what is no number is not. In an
   * index this reads the fields of every entry.
   */
  record Range(String field, long least, long most) implements Filter {
    @Override
    public boolean accepts(Map<String, String> fields) {
      String value = fields.get(field);
      try {
        long number = value == null ? 0 : Long.parseLong(value);
        return value != null && number >= least && number <= most;
      } catch (NumberFormatException _) {
        return false;
      }
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
