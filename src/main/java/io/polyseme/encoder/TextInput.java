package io.polyseme.encoder;

import io.polyseme.vector.Span;
import java.util.List;
import java.util.Objects;

/**
 * A text to encode.
 *
 * @param text any Java string; unpaired surrogates are read as U+FFFD
 * @param spans the words that are wanted with {@link Words#GIVEN}; may overlap
 */
public record TextInput(String text, List<Span> spans) {
  public TextInput {
    Objects.requireNonNull(text, "text");
    spans = List.copyOf(spans);
  }

  /** Without spans of its own. */
  public static TextInput of(String text) {
    return new TextInput(text, List.of());
  }

  public static TextInput of(String text, Span... spans) {
    return new TextInput(text, List.of(spans));
  }
}
