package io.millrace.cdc;

/** The source cannot be carried on from the committed offset: changes are missing. */
final class GapException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GapException(Gap gap) {
    super(gap.message());
  }
}
