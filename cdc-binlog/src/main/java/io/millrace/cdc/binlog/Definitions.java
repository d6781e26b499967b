package io.millrace.cdc.binlog;

import io.debezium.document.Array;
import io.debezium.document.Document;
import io.debezium.document.DocumentReader;
import io.debezium.document.Value;
import io.millrace.cdc.TableName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The captured tables as the statements of the schema history leave them, one after the other: to
 * tell which statements make other rows of those that are there, though the log has no change of
 * them. In doubt a statement does.
 */
final class Definitions {
  /** What an ALTER TABLE can do to rows besides changing columns. */
  private static final Pattern ROWS = Pattern.compile("(?i)\\b(PARTITION|TABLESPACE|RENAME)\\b");

  private static final Pattern ALTER = Pattern.compile("(?is)\\s*ALTER\\b.*");
  private static final Pattern DEFAULT = Pattern.compile("(?i)\\bDEFAULT\\b(?!\\s+NULL\\b)");

  /** In a record of ours: tables that are defined anew, and are read as they are there. */
  static final String DEFINES = "defines";

  private final Map<String, TableName> captured;
  private final Map<String, Definition> definitions = new HashMap<>();

  /**
   * A table.
   *
   * @param columns by their names
   * @param gone names of columns that it once had: rows of the topic may still have their values
   */
  private record Definition(Map<String, Document> columns, Set<String> gone) {}

  /** None of these tables is known yet. */
  Definitions(Collection<TableName> captured) {
    this.captured =
        captured.stream().collect(Collectors.toMap(Definitions::id, Function.identity()));
  }

  /** A table as Debezium names it. */
  static String id(TableName table) {
    return "\"%s\".\"%s\"".formatted(table.schema(), table.table());
  }

  /**
   * Takes the next statement.
   *
   * @param json Debezium's record of it
   * @return captured tables whose rows are others now
   */
  Set<TableName> apply(String json) {
    Document statement = read(json);
    @Nullable Array anew = statement.getArray(DEFINES);
    if (anew != null) {
      anew.streamValues().forEach(table -> forget(captured.get(table.asString())));
    }
    @Nullable Array changes = statement.getArray("tableChanges");
    Set<TableName> altered = new HashSet<>();
    if (changes == null) {
      return altered;
    }
    @Nullable String ddl = statement.getString("ddl");
    changes
        .streamValues()
        .map(Value::asDocument)
        .forEach(
            change -> {
              @Nullable TableName table = captured.get(String.valueOf(change.getString("id")));
              @Nullable Document now = change.getDocument("table");
              if (table != null && now != null && apply(table, now, ddl == null ? "" : ddl)) {
                altered.add(table);
              }
            });
    return altered;
  }

  private void forget(@Nullable TableName table) {
    if (table != null) {
      definitions.remove(table.toString());
    }
  }

  static Document read(String json) {
    try {
      return DocumentReader.defaultReader().read(json);
    } catch (IOException e) {
      throw new IllegalStateException("A statement of the schema history cannot be read", e);
    }
  }

  static Definitions of(Collection<TableName> captured, List<byte[]> history) {
    Definitions definitions = new Definitions(captured);
    history.forEach(json -> definitions.apply(new String(json, StandardCharsets.UTF_8)));
    return definitions;
  }

  private boolean apply(TableName table, Document now, String ddl) {
    Map<String, Document> columns = new LinkedHashMap<>();
    @Nullable Array list = now.getArray("columns");
    if (list != null) {
      list.streamValues()
          .map(Value::asDocument)
          .forEach(column -> columns.put(String.valueOf(column.getString("name")), column));
    }
    String name = table.toString();
    @Nullable Definition before = definitions.get(name);
    Set<String> gone = new HashSet<>(before == null ? Set.of() : before.gone());
    boolean altered =
        before == null
            || !ALTER.matcher(ddl).matches()
            || ROWS.matcher(ddl).find()
            || isChanged(before, columns, DEFAULT.matcher(ddl).find());
    if (before != null) {
      gone.addAll(before.columns().keySet());
    }
    gone.removeAll(columns.keySet());
    definitions.put(name, new Definition(columns, gone));
    return altered;
  }

  /** A column that is renamed goes, and comes with its values under another name. */
  private static boolean isChanged(
      Definition before, Map<String, Document> columns, boolean withDefault) {
    boolean renamed = !columns.keySet().containsAll(before.columns().keySet());
    return columns.entrySet().stream()
        .anyMatch(
            entry -> {
              @Nullable Document earlier = before.columns().get(entry.getKey());
              return earlier == null
                  ? renamed
                      || withDefault
                      || before.gone().contains(entry.getKey())
                      || hasValues(entry.getValue())
                  : !new DeclaredColumn(earlier)
                      .keepsValuesAs(new DeclaredColumn(entry.getValue()));
            });
  }

  /** Whether rows of before have a value in a new column; a TIMESTAMP's the server chooses. */
  private static boolean hasValues(Document column) {
    return !Boolean.TRUE.equals(column.getBoolean("optional"))
        || column.getString("defaultValueExpression") != null
        || "TIMESTAMP".equalsIgnoreCase(column.getString("typeName"));
  }
}
