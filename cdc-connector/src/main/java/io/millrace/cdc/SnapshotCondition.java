package io.millrace.cdc;

import java.util.Optional;

/**
 * What a condition may be before the database is asked: text that stays within the parentheses that
 * it is put in. So nothing is left to interpretation that would need a parser of SQL: no comments,
 * no dollar quotes, no backslashes, no semicolons.
 */
final class SnapshotCondition {
  private static final int LONGEST = 2000;

  private SnapshotCondition() {}

  /** What is wrong with it, if anything. */
  static Optional<String> problem(String condition) {
    if (condition.isBlank()) {
      return Optional.of("the condition is empty: leave it out to read the whole table");
    }
    if (condition.length() > LONGEST) {
      return Optional.of("the condition is longer than %d characters".formatted(LONGEST));
    }
    for (String no : new String[] {";", "--", "/*", "$", "\\", "\0"}) {
      if (condition.contains(no)) {
        return Optional.of(
            "the condition must have no semicolon, comment, dollar sign or backslash, also not in"
                + " a string: write chr(...) for one");
      }
    }
    return isClosed(condition)
        ? Optional.empty()
        : Optional.of("a quote or a parenthesis of the condition has no counterpart");
  }

  /** A doubled quote ends a text and begins it again. */
  private static boolean isClosed(String condition) {
    int depth = 0;
    char quote = 0;
    for (int i = 0; i < condition.length(); i++) {
      char c = condition.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '(') {
        depth++;
      } else if (c == ')' && --depth < 0) {
        return false;
      }
    }
    return depth == 0 && quote == 0;
  }
}
