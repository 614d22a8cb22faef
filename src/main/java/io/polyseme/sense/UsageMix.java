package io.polyseme.sense;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a usage's vector is made of: parts of unit length one after another, each a sum of the
 * standardised hidden states of successive layers, of the word or of its whole text. Written {@code
 * words(9-12)+0.5*sentence(12)}.
 *
 * @param parts at least one
 */
public record UsageMix(List<Part> parts) {
  private static final Pattern PART =
      Pattern.compile("(?:(\\d+(?:\\.\\d+)?)\\*)?(words|sentence)\\((\\d{1,3})(?:-(\\d{1,3}))?\\)");

  /** Whose hidden states. */
  public enum Of {
    /** The word's. */
    WORDS,
    /** The means over all tokens of the text. */
    SENTENCE
  }

  /**
   * A part.
   *
   * @param first the first layer; 0 is the embeddings
   * @param last at least {@code first}
   * @param weight what the part counts for in a cosine, beside the others' weights; above 0
   */
  public record Part(Of of, int first, int last, double weight) {
    public Part {
      if (first < 0 || last < first) {
        throw new IllegalArgumentException("no layers: %d to %d".formatted(first, last));
      }
      if (!(weight > 0)) {
        throw new IllegalArgumentException("a part's weight must be above 0: " + weight);
      }
    }

    @Override
    public String toString() {
      String factor =
          weight == 1 ? "" : weight == Math.rint(weight) ? (long) weight + "*" : weight + "*";
      return factor
          + of.name().toLowerCase(Locale.ROOT)
          + (first == last ? "(" + first + ")" : "(" + first + "-" + last + ")");
    }
  }

  public UsageMix {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a usage's vector needs at least one part");
    }
  }

  /** Of the word alone. */
  public static UsageMix words(int first, int last) {
    return new UsageMix(List.of(new Part(Of.WORDS, first, last, 1)));
  }

  /**
   * Of the word at the layers in the middle, where its meaning in the context is clearest: {@code
   * words(4-7)} of twelve layers.
   *
   * @param last the model's last layer
   */
  static UsageMix middle(int last) {
    return words(last / 3, (7 * last + 6) / 12);
  }

  /**
   * For how alike the meanings of words in contexts are, where there is nothing to choose layers
   * by: {@code words(4-7)+2*sentence(4-5)} of a model of twelve layers, in others the layers at the
   * same share of the depth.
   *
   * @param last the model's last layer
   */
  public static UsageMix meaning(int last) {
    return middle(last).plusSentence(last / 3, (5 * last + 6) / 12, 2);
  }

  /** With a part of the word more. */
  public UsageMix plusWords(int first, int last, double weight) {
    return plus(new Part(Of.WORDS, first, last, weight));
  }

  /** With a part of the whole text more. */
  public UsageMix plusSentence(int first, int last, double weight) {
    return plus(new Part(Of.SENTENCE, first, last, weight));
  }

  private UsageMix plus(Part part) {
    var more = new ArrayList<>(parts);
    more.add(part);
    return new UsageMix(more);
  }

  /** The highest layer. */
  public int last() {
    return parts.stream().mapToInt(Part::last).max().orElseThrow();
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws IllegalArgumentException if it is not of this form
   */
  public static UsageMix parse(String text) {
    var parts = new ArrayList<Part>();
    for (String part : text.replaceAll("\\s", "").toLowerCase(Locale.ROOT).split("\\+", -1)) {
      Matcher m = PART.matcher(part);
      if (!m.matches()) {
        throw new IllegalArgumentException(
            "\"%s\" is no vector of a usage; try words(9-12) or words(9-12)+0.5*sentence(12)"
                .formatted(text));
      }
      int first = Integer.parseInt(m.group(3));
      parts.add(
          new Part(
              Of.valueOf(m.group(2).toUpperCase(Locale.ROOT)),
              first,
              m.group(4) == null ? first : Integer.parseInt(m.group(4)),
              m.group(1) == null ? 1 : Double.parseDouble(m.group(1))));
    }
    return new UsageMix(parts);
  }

  @Override
  public String toString() {
    return parts.stream().map(Part::toString).collect(Collectors.joining("+"));
  }
}
