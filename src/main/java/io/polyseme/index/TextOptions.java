package io.polyseme.index;

import java.util.Objects;

/**
 * What is known of the texts of an index, and how long ones are cut into passages.
 *
 * @param language of ISO 639-1, for their words; empty for what each text shows: Chinese and its
 *     neighbours, English, or any
 * @param chunk the most tokens of a passage, from 16
 * @param overlap about how many tokens of a passage stand at the beginning of the next too; less
 *     than half of {@code chunk}
 * @param late whether the passages of a text are pooled out of long windows, so that each knows
 *     what is around it (Günther and others 2024, "Late Chunking")
 */
public record TextOptions(String language, int chunk, int overlap, boolean late) {
  /** In whatever language, at most 200 tokens, 40 of them twice, each passage for itself. */
  public static final TextOptions DEFAULT = new TextOptions("", 200, 40, false);

  public TextOptions {
    Objects.requireNonNull(language, "language");
    if (chunk < 16) {
      throw new IllegalArgumentException("chunk must be at least 16 tokens, and is " + chunk);
    }
    if (overlap < 0 || overlap >= chunk / 2) {
      throw new IllegalArgumentException(
          "overlap must be from 0 to less than half of chunk (%d), and is %d"
              .formatted(chunk, overlap));
    }
  }

  public TextOptions withLanguage(String language) {
    return new TextOptions(language, chunk, overlap, late);
  }

  public TextOptions withChunk(int chunk) {
    return new TextOptions(language, chunk, overlap, late);
  }

  public TextOptions withOverlap(int overlap) {
    return new TextOptions(language, chunk, overlap, late);
  }

  public TextOptions withLate(boolean late) {
    return new TextOptions(language, chunk, overlap, late);
  }
}
