package io.polyseme.document;

/** Why a file is not read, in words for a person. Never leaves the package. */
final class SkipException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SkipException(String reason) {
    super(reason);
  }

  SkipException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
