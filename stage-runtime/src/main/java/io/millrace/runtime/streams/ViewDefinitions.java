package io.millrace.runtime.streams;

import io.millrace.pipeline.View;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a stage's views say, to be compared with what they said when the stage last ran.
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

  /**
   * Whether a stage with these views can go on where it stopped with {@code earlier}. A view that
   * was taken away may go; one that is new or says something else would hold only what changes from
   * now on.
   *
   * @return the views that stand in the way, each with the reason; empty when it can
   */
  List<String> obstacles(ViewDefinitions earlier) {
    List<String> found = new ArrayList<>();
    for (String name : new TreeMap<>(sql).keySet()) {
      String before = earlier.sql.get(name);
      if (before == null) {
        found.add("view '" + name + "' is new");
      } else if (!before.equals(sql.get(name))) {
        found.add("the SQL of view '" + name + "' changed");
      }
    }
    return found;
  }
}
