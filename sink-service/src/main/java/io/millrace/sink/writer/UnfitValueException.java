package io.millrace.sink.writer;

import org.apache.kafka.common.errors.SerializationException;

/** A value that its Avro type lets through and its lake column cannot hold. */
final class UnfitValueException extends SerializationException {
  private static final long serialVersionUID = 1L;

  private final String column;

  UnfitValueException(String column, String message) {
    super("column " + column + " of the lake table " + message);
    this.column = column;
  }

  String column() {
    return column;
  }
}
