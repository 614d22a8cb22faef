package io.polyseme;

import org.jspecify.annotations.Nullable;

/**
 * Something failed that was rightly asked for: a file is missing or broken, a word or a model is
 * not known, a disk is full. The message says what was wrong and what to do, in words meant for the
 * person who asked.
 *
 * <p>Wrong use by the program (a negative {@code k}, a span outside its text) is an {@link
 * IllegalArgumentException} instead, and a closed resource an {@link IllegalStateException}.
 */
public class PolysemeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PolysemeException(String message) {
    super(message);
  }

  public PolysemeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
