package io.polyseme.vector;

import java.util.Objects;

/** What stands for a vector in an {@link Expression}. Resolved by a {@link TermResolver}. */
public sealed interface Term extends Expression {

  /** A word (or phrase) on its own, as {@code king} or {@code New York}. */
  record Word(String word) implements Term {
    public Word {
      Objects.requireNonNull(word, "word");
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /** A word where it stands in a text: {@code bank} in "he sat on the bank of the river". */
  record Usage(String text, Span span) implements Term {
    public Usage {
      span.of(text);
    }

    /** The word itself. */
    public String word() {
      return span.of(text);
    }

    @Override
    public String toString() {
      return word() + "@\"" + text + '"';
    }
  }

  /** A whole text, by its meaning. */
  record Text(String text) implements Term {
    public Text {
      Objects.requireNonNull(text, "text");
    }

    @Override
    public String toString() {
      return '"' + text + '"';
    }
  }

  /** A vector that is already there. Resolves to itself. */
  record Literal(float[] vector) implements Term {
    public Literal {
      vector = vector.clone();
    }

    /** A copy. */
    @Override
    public float[] vector() {
      return vector.clone();
    }

    @Override
    public String toString() {
      return "<vector of " + vector.length + ">";
    }
  }
}
