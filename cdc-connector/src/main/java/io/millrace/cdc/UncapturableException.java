package io.millrace.cdc;

/** The database answers, and lacks what capturing it needs; the message says what and how. */
public final class UncapturableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Something is missing. */
  public UncapturableException(String message) {
    super(message);
  }
}
