package io.millrace.cdc.binlog;

/** A value came in a form that nothing here knows. */
final class Unexpected {
  private Unexpected() {}

  static IllegalArgumentException value(String expected, Object value) {
    return new IllegalArgumentException(
        "Debezium gave " + expected + " as " + value.getClass().getName());
  }
}
