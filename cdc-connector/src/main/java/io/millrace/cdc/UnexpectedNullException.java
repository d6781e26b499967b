package io.millrace.cdc;

/** A column is null that is NOT NULL by the catalog of now: a change of before it was. */
final class UnexpectedNullException extends UnrepresentableValueException {
  private static final long serialVersionUID = 1L;

  UnexpectedNullException(String field) {
    super(field, "null in a column that is NOT NULL");
  }
}
