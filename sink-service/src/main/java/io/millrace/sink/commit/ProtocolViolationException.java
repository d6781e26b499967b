package io.millrace.sink.commit;

/**
 * What was received does not continue where a table is: a gap, an overlap, another topic of the
 * same name. Fatal: going on would lose or double rows.
 */
public final class ProtocolViolationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the table, the offsets, and what to do. */
  public ProtocolViolationException(String message) {
    super(message);
  }
}
