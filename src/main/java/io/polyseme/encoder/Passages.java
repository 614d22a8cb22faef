package io.polyseme.encoder;

import java.util.Objects;

/**
 * Which passages of a text get a vector each. Immutable; start at {@link #chunks(int)} or {@link
 * #given()}.
 */
public sealed interface Passages {
  /** None. */
  Passages NONE = new None();

  /** What the model sees while a passage is encoded. */
  enum Encoding {
    /**
     * The passage alone, as if it were the whole text, with the role's prefix before it and the
     * model's own pooling. One longer than the model's window is encoded in overlapping windows.
     */
    ALONE,
    /**
     * The text around it, as far as the model's window goes: the text is encoded in long,
     * overlapping windows, and the passage's tokens are pooled out of them afterwards (Günther,
     * Mohr, Williams, Wang, Xiao 2024, "Late Chunking: Contextual Chunk Embeddings Using
     * Long-Context Embedding Models", arXiv:2409.04701). Special tokens and the role's prefix are
     * no part of a passage. The pooling is the model's own: the mean or the greatest values of the
     * passage's tokens, or its last token. A model that pools by its first token has none for a
     * passage: the mean of the passage's tokens is taken, and the answer says so.
     */
    LATE
  }

  /** No passage gets a vector. */
  record None() implements Passages {}

  /**
   * The text is cut into chunks at the ends of sentences and paragraphs. A sentence longer than a
   * chunk is cut between words, a word longer than a chunk between tokens.
   *
   * <p>A chunk begins with the end of the one before it: with as many whole sentences as {@code
   * overlap} allows, or, where the last sentence alone is longer, with as many of its words; with
   * less where the next sentence would not fit otherwise.
   *
   * @param tokens the most that a chunk has, special tokens not counted; at least 1 and no more
   *     than the model takes at once
   * @param overlap the most tokens that a chunk shares with the one before it; at least 0 and less
   *     than {@code tokens}
   * @param encoding what the model sees
   */
  record Chunks(int tokens, int overlap, Encoding encoding) implements Passages {
    public Chunks {
      Objects.requireNonNull(encoding, "encoding");
      if (tokens < 1) {
        throw new IllegalArgumentException("a chunk must have at least 1 token: " + tokens);
      }
      if (overlap < 0 || overlap >= tokens) {
        throw new IllegalArgumentException(
            "the overlap of chunks of %d tokens must be from 0 to %d: %d"
                .formatted(tokens, tokens - 1, overlap));
      }
    }

    public Chunks withOverlap(int overlap) {
      return new Chunks(tokens, overlap, encoding);
    }

    /** The same chunks, pooled out of the encoded text: {@link Encoding#LATE}. */
    public Chunks late() {
      return new Chunks(tokens, overlap, Encoding.LATE);
    }
  }

  /**
   * The spans that come with the text, in their order. They may overlap and be of any length.
   *
   * @param encoding what the model sees
   */
  record Given(Encoding encoding) implements Passages {
    public Given {
      Objects.requireNonNull(encoding, "encoding");
    }

    /** The same spans, pooled out of the encoded text: {@link Encoding#LATE}. */
    public Given late() {
      return new Given(Encoding.LATE);
    }
  }

  /**
   * Chunks of at most so many tokens, without overlap, each encoded alone.
   *
   * @throws IllegalArgumentException if the number is less than 1
   */
  static Chunks chunks(int tokens) {
    return new Chunks(tokens, 0, Encoding.ALONE);
  }

  /** The spans that come with the text, each encoded alone. */
  static Given given() {
    return new Given(Encoding.ALONE);
  }
}
