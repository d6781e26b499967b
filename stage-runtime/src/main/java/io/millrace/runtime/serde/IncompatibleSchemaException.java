package io.millrace.runtime.serde;

/** The registry refused a schema that contradicts an earlier one of its subject. Fatal. */
public final class IncompatibleSchemaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With what contradicts what, and what to do. */
  public IncompatibleSchemaException(String message) {
    super(message);
  }
}
