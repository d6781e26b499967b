package io.millrace.sink.commit;

/**
 * The table went on while a commit was on its way: another committer, or an earlier attempt of this
 * one, was there first. The commit did not happen. It does not say so by Iceberg's {@code
 * CleanableFailure}: files of the attempt may be those of the earlier one, which landed.
 */
final class OvertakenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OvertakenException(String table) {
    super("lake table " + table + " was committed to by another committer meanwhile");
  }
}
