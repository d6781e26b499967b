package io.millrace.cdc;

import io.millrace.pipeline.Source;
import io.millrace.pipeline.SourceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The captured tables as PostgreSQL's catalog describes them.
 *
 * @param tables those that can be captured, in the pipeline file's order
 * @param problems what keeps the others from it, each with its remedy
 */
record SourceTables(List<CapturedTable> tables, List<String> problems) {
  /** For messages: what a column's type may be. */
  static final String CAPTURED_TYPES =
      "smallint, integer, bigint, numeric(p,s) of at most 38 digits, boolean, text, varchar,"
          + " timestamptz, timestamp, date, uuid, jsonb, bytea";

  private static final Logger LOG = LoggerFactory.getLogger(SourceTables.class);
  private static final Pattern AVRO_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private static final String TABLE =
      """
      SELECT c.oid, c.relkind::text, c.relpersistence::text, c.relreplident::text,
             has_schema_privilege(n.oid, 'USAGE') AS schema_usage,
             has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
               AS readable,
             row_security_active(c.oid) AS row_security
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ?
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      """;

  private static final String COLUMNS =
      """
      SELECT a.attname, t.typname, t.typtype::text, a.atttypmod, a.attnotnull,
             a.attgenerated <> '' AS generated,
             pg_catalog.format_type(a.atttypid, a.atttypmod) AS full_type
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum
      """;

  /** Without a column's name: the table's own. */
  private static final String COMMENTS =
      """
      SELECT a.attname, d.description
      FROM pg_catalog.pg_description d
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
        AND a.attnum > 0
      WHERE d.objoid = ? AND d.classoid = 'pg_catalog.pg_class'::regclass
      """;

  private static final String COLUMNS_OF_NAME =
      COLUMNS.replace("a.attrelid = ?", "a.attrelid = ?::regclass");

  private static final String PRIMARY_KEY =
      """
      SELECT a.attname
      FROM pg_catalog.pg_index i
      CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE i.indrelid = ? AND i.indisprimary
      ORDER BY k.place
      """;

  private static final String UNIQUE =
      """
      SELECT EXISTS (
        SELECT FROM pg_catalog.pg_index i
        WHERE i.indrelid = ? AND i.indisunique AND i.indisvalid
          AND i.indpred IS NULL AND i.indexprs IS NULL
          AND (SELECT array_agg(a.attname::text)
               FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
               JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
               WHERE k.place <= i.indnkeyatts) <@ ?)
      """;

  SourceTables {
    tables = List.copyOf(tables);
    problems = List.copyOf(problems);
  }

  /** Reads the catalog. */
  static SourceTables read(Connection connection, Source source, String user) throws SQLException {
    List<CapturedTable> tables = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (SourceTable table : source.tables().values()) {
      CapturedTable captured = new Reader(connection, table, user, problems).read();
      if (captured != null) {
        tables.add(captured);
      }
    }
    return new SourceTables(tables, problems);
  }

  /** Tables whose changes come without the old row now, though they did not at the start. */
  static List<String> notWhole(Connection connection, Source source) throws SQLException {
    List<String> problems = new ArrayList<>();
    for (SourceTable table : source.tables().values()) {
      TableName from = TableName.of(table.from());
      try (PreparedStatement query = connection.prepareStatement(TABLE)) {
        query.setString(1, from.schema());
        query.setString(2, from.table());
        try (ResultSet rows = query.executeQuery()) {
          if (!table.appendOnly() && rows.next() && !rows.getString("relreplident").equals("f")) {
            problems.add(notWhole(from));
          }
        }
      }
    }
    return problems;
  }

  /**
   * The columns of a table now.
   *
   * @throws IllegalStateException when one has a type that is not captured
   */
  static List<Column> columns(Connection connection, TableName from) throws SQLException {
    List<Column> columns = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(COLUMNS_OF_NAME)) {
      query.setString(1, from.sql());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          String name = rows.getString("attname");
          ColumnType type =
              ColumnType.ofPostgres(rows.getString("typname"), rows.getInt("atttypmod"))
                  .orElseThrow(
                      () ->
                          new IllegalStateException(
                              "Column %s of %s has a type that is not captured yet: change it to"
                                      .formatted(name, from)
                                  + " one of "
                                  + CAPTURED_TYPES));
          columns.add(new Column(name, type, !rows.getBoolean("attnotnull")));
        }
      }
    }
    return columns;
  }

  private static String notWhole(TableName from) {
    return "Changes of %s come without the old row and without unchanged large values:"
            .formatted(from)
        + " ALTER TABLE %s REPLICA IDENTITY FULL;".formatted(from.sql());
  }

  /** Reads one table, gathering what is wrong with it. */
  private static final class Reader {
    private final Connection connection;
    private final SourceTable table;
    private final TableName from;
    private final String user;
    private final List<String> problems;

    Reader(Connection connection, SourceTable table, String user, List<String> problems) {
      this.connection = connection;
      this.table = table;
      this.from = TableName.of(table.from());
      this.user = TableName.quoted(user);
      this.problems = problems;
    }

    @Nullable CapturedTable read() throws SQLException {
      int before = problems.size();
      long oid = checkTable();
      if (oid == 0) {
        return null;
      }
      List<Column> columns = columns(oid);
      boolean declared = !table.key().isEmpty();
      List<String> key = declared ? declaredKey(oid, columns) : primaryKey(oid);
      return problems.size() > before
          ? null
          : new CapturedTable(
              table.name(), from, table.appendOnly(), columns, key, declared, comments(oid));
    }

    /** The table's oid; 0 when it is not there or no plain table. */
    private long checkTable() throws SQLException {
      try (PreparedStatement query = connection.prepareStatement(TABLE)) {
        query.setString(1, from.schema());
        query.setString(2, from.table());
        try (ResultSet rows = query.executeQuery()) {
          if (!rows.next()) {
            problems.add(
                "Table %s does not exist: create it, or correct source.tables.%s.from"
                    .formatted(from, table.name()));
            return 0;
          }
          if (!rows.getString("relkind").equals("r")) {
            problems.add(
                "%s is %s: only plain tables can be captured yet, remove it from source.tables"
                    .formatted(from, kind(rows.getString("relkind"))));
            return 0;
          }
          checkRights(rows);
          checkLogging(rows);
          return rows.getLong("oid");
        }
      }
    }

    private static String kind(String relkind) {
      return switch (relkind) {
        case "p" -> "a partitioned table";
        case "v" -> "a view";
        case "m" -> "a materialized view";
        default -> "a foreign table";
      };
    }

    private void checkRights(ResultSet row) throws SQLException {
      if (!row.getBoolean("schema_usage")) {
        problems.add(
            "User %s may not use schema %s: GRANT USAGE ON SCHEMA %s TO %s;"
                .formatted(user, from.schema(), TableName.quoted(from.schema()), user));
      }
      if (!row.getBoolean("readable")) {
        problems.add(
            "User %s may not read %s: GRANT SELECT ON %s TO %s;"
                .formatted(user, from, from.sql(), user));
      }
      if (row.getBoolean("row_security")) {
        problems.add(
            "Row security hides rows of %s from user %s: ALTER ROLE %s BYPASSRLS;"
                .formatted(from, user, user));
      }
    }

    private void checkLogging(ResultSet row) throws SQLException {
      if (!row.getString("relpersistence").equals("p")) {
        problems.add(
            "Table %s is not in the write-ahead log: ALTER TABLE %s SET LOGGED;"
                .formatted(from, from.sql()));
      }
      if (!row.getString("relreplident").equals("f") && !table.appendOnly()) {
        problems.add(notWhole(from));
      }
    }

    private List<Column> columns(long oid) throws SQLException {
      List<Column> columns = new ArrayList<>();
      try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
        query.setLong(1, oid);
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            column(rows).ifPresent(columns::add);
          }
        }
      }
      return columns;
    }

    private Optional<Column> column(ResultSet row) throws SQLException {
      String name = row.getString("attname");
      String where = "Column %s of %s".formatted(name, from);
      Optional<ColumnType> type =
          row.getString("typtype").equals("b")
              ? ColumnType.ofPostgres(row.getString("typname"), row.getInt("atttypmod"))
              : Optional.empty();
      if (type.isEmpty()) {
        problems.add(
            "%s is %s, a type that is not captured yet: change it to one of %s, or remove the table"
                    .formatted(where, row.getString("full_type"), CAPTURED_TYPES)
                + " from source.tables");
        return Optional.empty();
      }
      if (row.getBoolean("generated")) {
        problems.add(
            "%s is generated, and PostgreSQL does not replicate generated columns: make it a plain"
                    .formatted(where)
                + " column (ALTER TABLE %s ALTER COLUMN %s DROP EXPRESSION;)"
                    .formatted(from.sql(), TableName.quoted(name)));
      }
      if (!AVRO_NAME.matcher(name).matches() || name.startsWith("_source_") || name.equals("_op")) {
        problems.add(
            "%s has a name that cannot stand in the lake: rename it to letters, digits and"
                    .formatted(where)
                + " underscores, none of _source_..., _op");
      }
      return Optional.of(new Column(name, type.get(), !row.getBoolean("attnotnull")));
    }

    private Comments comments(long oid) throws SQLException {
      String ofTable = null;
      Map<String, String> ofColumns = new HashMap<>();
      try (PreparedStatement query = connection.prepareStatement(COMMENTS)) {
        query.setLong(1, oid);
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            String column = rows.getString("attname");
            if (column == null) {
              ofTable = rows.getString("description");
            } else {
              ofColumns.put(column, rows.getString("description"));
            }
          }
        }
      }
      return new Comments(ofTable, ofColumns);
    }

    private List<String> primaryKey(long oid) throws SQLException {
      List<String> key = new ArrayList<>();
      try (PreparedStatement query = connection.prepareStatement(PRIMARY_KEY)) {
        query.setLong(1, oid);
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            key.add(rows.getString(1));
          }
        }
      }
      if (key.isEmpty() && !table.appendOnly()) {
        problems.add(CapturedTable.withoutKey(table, from.sql()));
      }
      return key;
    }

    private List<String> declaredKey(long oid, List<Column> columns) throws SQLException {
      for (String name : table.key()) {
        Optional<Column> column =
            columns.stream().filter(candidate -> candidate.name().equals(name)).findFirst();
        if (column.isEmpty()) {
          problems.add(
              "Table %s has no column %s: correct source.tables.%s.key"
                  .formatted(from, name, table.name()));
        } else if (column.get().nullable()) {
          problems.add(
              "Column %s of %s is in its key and may be null: ALTER TABLE %s ALTER COLUMN %s SET NOT"
                      .formatted(name, from, from.sql(), TableName.quoted(name))
                  + " NULL;");
        }
      }
      if (!isUnique(oid)) {
        LOG.warn(
            "Nothing in the database keeps {} of {} unique: rows that have them in common would be"
                + " one row",
            table.key(),
            from);
      }
      return table.key();
    }

    private boolean isUnique(long oid) throws SQLException {
      try (PreparedStatement query = connection.prepareStatement(UNIQUE)) {
        query.setLong(1, oid);
        query.setArray(2, connection.createArrayOf("text", table.key().toArray()));
        try (ResultSet rows = query.executeQuery()) {
          return rows.next() && rows.getBoolean(1);
        }
      }
    }
  }
}
