package io.millrace.sink.lake;

/**
 * A lake table cannot hold what its topic brings. Fatal: no retry mends it; the message says what
 * would.
 */
public final class IncompatibleTableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the table, the column, and what to do. */
  public IncompatibleTableException(String message) {
    super(message);
  }
}
