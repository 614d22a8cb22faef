package io.polyseme.search;

import io.polyseme.vector.Expression;
import java.util.ArrayList;
import java.util.List;

/**
 * What is looked for: texts, entries of the index and expressions, each for or against. Their
 * vectors, of unit length, are added with their weights (for texts as positive and negative
 * examples that is Rocchio's method: Rocchio 1971, "Relevance Feedback in Information Retrieval").
 * Words are those of the texts that speak for it. Immutable.
 *
 * @param parts at least one
 */
public record Question(List<Part> parts) {
  /** A part of a question. */
  public sealed interface Part {
    /** Negative for what the answers should not be like. */
    double weight();
  }

  /** A text, or a question in words. */
  public record Text(String text, double weight) implements Part {
    public Text {
      if (text.isBlank()) {
        throw new IllegalArgumentException("the question is empty");
      }
    }
  }

  /**
   * An entry of the index by its label, or all entries of a document by its name; neither it nor
   * they are among the answers.
   */
  public record Like(String label, double weight) implements Part {}

  /** An expression, as {@code jaguar - car}. */
  public record Meaning(Expression expression, double weight) implements Part {}

  public Question {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a question needs at least one part");
    }
    for (Part part : parts) {
      if (!Double.isFinite(part.weight())) {
        throw new IllegalArgumentException("a weight must be finite: " + part.weight());
      }
    }
  }

  /** A question in words. */
  public static Question of(String text) {
    return new Question(List.of(new Text(text, 1)));
  }

  /** What is like an entry or document. */
  public static Question like(String label) {
    return new Question(List.of(new Like(label, 1)));
  }

  /** What an expression means. */
  public static Question of(Expression expression) {
    return new Question(List.of(new Meaning(expression, 1)));
  }

  /** With a further part. */
  public Question with(Part part) {
    var more = new ArrayList<>(parts);
    more.add(part);
    return new Question(more);
  }

  /** The texts that speak for it, one a line; empty where there are none. */
  String words() {
    var words = new ArrayList<String>();
    for (Part part : parts) {
      if (part instanceof Text(String text, double weight) && weight > 0) {
        words.add(text);
      }
    }
    return String.join("\n", words);
  }

  /** Whether it is nothing but texts that speak for it. */
  boolean isPlain() {
    return parts.stream().allMatch(part -> part instanceof Text && part.weight() > 0);
  }
}
