package io.polyseme.vector;

import java.util.List;
import java.util.Map;
import java.util.Set;

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
