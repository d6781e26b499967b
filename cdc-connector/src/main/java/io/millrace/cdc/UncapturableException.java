package io.millrace.cdc;

/** The database answers, and lacks what capturing it needs; the message says what and how. */
final class UncapturableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UncapturableException(String message) {
    super(message);
  }
}
