package io.millrace.runtime.streams;

import io.millrace.pipeline.View;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a stage's views say, to be compared with what they said when they were first run.
 *
 * @param sql by view name; differences of white space outside of literals do not count
 */
record ViewDefinitions(Map<String, String> sql) {
  /** White space outside of quotes; quoted text is matched first, and so skipped. */
  private static final Pattern QUOTED_OR_SPACE = Pattern.compile("'[^']*'|\"[^\"]*\"|\\s+");

  ViewDefinitions {
    sql = Map.copyOf(sql);
  }

  static ViewDefinitions of(Collection<View> views) {
    Map<String, String> sql = new TreeMap<>();
    for (View view : views) {
      String oneLine =
          QUOTED_OR_SPACE
              .matcher(view.sql().strip())
              .replaceAll(
                  match -> match.group().isBlank() ? " " : Matcher.quoteReplacement(match.group()));
      sql.put(view.name(), oneLine);
    }
    return new ViewDefinitions(sql);
  }
}
