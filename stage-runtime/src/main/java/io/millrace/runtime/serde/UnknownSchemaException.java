package io.millrace.runtime.serde;

import org.apache.kafka.common.errors.SerializationException;

/** A record names a schema id that the registry does not have. A record with it is poison. */
public final class UnknownSchemaException extends SerializationException {
  private static final long serialVersionUID = 1L;

  /** With the id and the registry. */
  public UnknownSchemaException(String message) {
    super(message);
  }
}
