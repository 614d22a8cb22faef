package io.polyseme.search;

import io.polyseme.PolysemeException;
import io.polyseme.index.VectorIndex;
import io.polyseme.vector.Filter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether an index has the fields that a filter asks for. One that is not there would match
 * nothing, and a misspelt one so too.
 *
 * @param index stays the caller's
 */
public record FilterFields(VectorIndex index) {
  /**
   * Looks through a filter.
   *
   * @throws PolysemeException if the index has not one of its fields, or it compares as a number or
   *     date what never is one
   */
  public void require(Filter filter) {
    switch (filter) {
      case Filter.All _ -> {}
      case Filter.In in -> require(in.field());
      case Filter.Matches matches -> require(matches.field());
      case Filter.Range range -> {
        require(range.field());
        requireType(range.field(), filter, "numbers");
      }
      case Filter.Period period -> {
        require(period.field());
        requireType(period.field(), filter, "dates");
      }
      case Filter.Present present -> require(present.field());
      case Filter.Not not -> require(not.filter());
      case Filter.And and -> and.filters().forEach(part -> require(part));
      case Filter.Or(List<Filter> parts)
          when parts.size() == 2
              && parts.getFirst() instanceof Filter.Range range
              && parts.getLast() instanceof Filter.Period -> {
        // 2019 is a number or a year: one of the two has to be there.
        require(range.field());
        requireType(range.field(), filter, "numbers or dates");
      }
      case Filter.Or(List<Filter> parts)
          when parts.stream().anyMatch(part -> part instanceof Filter.In) ->
          // 2000 is a keyword, a number or a year: any of them may be there.
          parts.forEach(this::requireFieldsOf);
      case Filter.Or or -> or.filters().forEach(part -> require(part));
    }
  }

  private void requireFieldsOf(Filter filter) {
    switch (filter) {
      case Filter.Range range -> require(range.field());
      case Filter.Period period -> require(period.field());
      default -> require(filter);
    }
  }

  /**
   * Looks for a field.
   *
   * @throws PolysemeException if the index has it not, with those that it has
   */
  public void require(String field) {
    if (field.equals(Filter.LABEL)) {
      return;
    }
    List<String> there = index.fieldNames();
    if (!there.contains(field)) {
      throw new PolysemeException(
          "the index %s has no field \"%s\"; it has %s"
              .formatted(
                  index.info().name(), field, there.isEmpty() ? "none" : String.join(", ", there)));
    }
  }

  /** A comparison with a number, of a field that never is one, is a mistake. */
  private void requireType(String field, Filter filter, String type) {
    Filter numbers = new Filter.Range(field, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    Filter times = new Filter.Period(field, Long.MIN_VALUE, Long.MAX_VALUE);
    boolean there =
        !(filter instanceof Filter.Period) && index.count(numbers) > 0
            || !(filter instanceof Filter.Range) && index.count(times) > 0;
    if (!there) {
      @Nullable String example = index.values(field).keySet().stream().findFirst().orElse(null);
      throw new PolysemeException(
          "the field \"%s\" of the index %s holds no %s%s"
              .formatted(
                  field,
                  index.info().name(),
                  type,
                  example == null ? "" : ", but values as \"" + example + "\""));
    }
  }
}
