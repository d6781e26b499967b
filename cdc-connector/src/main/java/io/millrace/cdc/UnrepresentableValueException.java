package io.millrace.cdc;

/** A change that has no form in its topic's schema, and goes to the dead letters. */
class UnrepresentableValueException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String field;

  /**
   * A value without a form.
   *
   * @param field the column; empty when the whole change is meant
   * @param reason what is wrong with it, without the value itself
   */
  UnrepresentableValueException(String field, String reason) {
    super(reason);
    this.field = field;
  }

  /** The column; empty when the whole change is meant. */
  String field() {
    return field;
  }
}
