package io.millrace.cdc;

/** The source database does not let us in; the message says why in one line. */
public final class SourceUnreachableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean mayPass;

  /**
   * Without a cause, whose message the explanation has already.
   *
   * @param mayPass the database is away, and does not refuse us
   */
  public SourceUnreachableException(String message, Throwable reason, boolean mayPass) {
    super(message);
    this.mayPass = mayPass;
    addSuppressed(reason);
  }

  /** Whether the database is away: it may come back without anyone changing a setting. */
  boolean mayPass() {
    return mayPass;
  }
}
