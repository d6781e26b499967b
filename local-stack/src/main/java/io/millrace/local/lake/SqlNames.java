package io.millrace.local.lake;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The identifiers that a query mentions, qualified as they stand there. */
final class SqlNames {
  /** Comments and string literals, which name nothing, are matched first and skipped. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "--[^\n]*|/\\*.*?\\*/|'(?:[^']|'')*'|"
              + "(?<name>(?:\"(?:[^\"]|\"\")+\"|[\\p{L}_][\\p{L}\\p{N}_$]*)"
              + "(?:\\s*\\.\\s*(?:\"(?:[^\"]|\"\")+\"|[\\p{L}_][\\p{L}\\p{N}_$]*))*)",
          Pattern.DOTALL);

  private SqlNames() {}

  /** The names in a query, in lower case, without quotes: {@code silver.orders}, {@code amount}. */
  static Set<String> in(String sql) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = TOKEN.matcher(sql);
    while (matcher.find()) {
      String name = matcher.group("name");
      if (name != null) {
        names.add(name.replaceAll("\\s*\\.\\s*", ".").replace("\"", "").toLowerCase(Locale.ROOT));
      }
    }
    return names;
  }

  /**
   * Whether a query may mean a table: it names it with its namespace (and perhaps a column after
   * it), or by its name alone.
   */
  static boolean mention(Set<String> names, String namespace, String table) {
    String qualified = namespace + "." + table;
    return names.stream()
        .anyMatch(
            name ->
                name.equals(table) || name.equals(qualified) || name.startsWith(qualified + "."));
  }
}
