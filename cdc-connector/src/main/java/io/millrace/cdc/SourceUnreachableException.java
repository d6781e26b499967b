package io.millrace.cdc;

/** The source database does not let us in; the message says why in one line. */
final class SourceUnreachableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Without a cause, whose message the explanation has already. */
  SourceUnreachableException(String message, Throwable reason) {
    super(message);
    addSuppressed(reason);
  }
}
