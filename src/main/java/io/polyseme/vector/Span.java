package io.polyseme.vector;

/**
 * A range of a text: from {@code start} to before {@code end}, in UTF-16 units, as {@link
 * String#substring(int, int)} takes them.
 */
public record Span(int start, int end) implements Comparable<Span> {
  public Span {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException("not a span: [" + start + ", " + end + ")");
    }
  }

  /** The length in UTF-16 units. */
  public int length() {
    return end - start;
  }

  /**
   * The part of the text that the span covers.
   *
   * @throws IllegalArgumentException if the span reaches outside the text
   */
  public String of(String text) {
    if (end > text.length()) {
      throw new IllegalArgumentException(
          "span [%d, %d) reaches outside the text of %d UTF-16 units"
              .formatted(start, end, text.length()));
    }
    return text.substring(start, end);
  }

  @Override
  public int compareTo(Span other) {
    int byStart = Integer.compare(start, other.start);
    return byStart != 0 ? byStart : Integer.compare(end, other.end);
  }
}
