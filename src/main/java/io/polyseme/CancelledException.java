package io.polyseme;

/** A bulk call ended early because it was cancelled, interrupted, or its time was up. */
public final class CancelledException extends PolysemeException {
  private static final long serialVersionUID = 1L;

  public CancelledException(String message) {
    super(message);
  }
}
