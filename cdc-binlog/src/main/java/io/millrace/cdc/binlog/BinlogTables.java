package io.millrace.cdc.binlog;

import io.millrace.cdc.CapturedTable;
import io.millrace.cdc.Column;
import io.millrace.cdc.Comments;
import io.millrace.cdc.TableName;
import io.millrace.pipeline.SourceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads tables as the server's catalog describes them, gathering what is wrong with them. */
final class BinlogTables {
  private static final Pattern AVRO_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern OPTION_WITH_COMMA = Pattern.compile("[(,]'[^']*,[^']*'");
  private static final Pattern LENGTH = Pattern.compile("\\((\\d+)\\)");

  private static final String TABLE =
      """
      SELECT TABLE_TYPE, ENGINE, TABLE_COMMENT FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?
      """;

  private static final String COLUMNS =
      """
      SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE = 'YES' AS NULLABLE,
             NUMERIC_PRECISION, NUMERIC_SCALE, CHARACTER_MAXIMUM_LENGTH, CHARACTER_SET_NAME,
             COLUMN_COMMENT, UPPER(EXTRA) LIKE '%GENERATED%' AND UPPER(EXTRA) NOT LIKE '%DEFAULT_GENERATED%'
               AS COMPUTED
      FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION
      """;

  private static final String PRIMARY_KEY =
      """
      SELECT COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
      WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX
      """;

  private static final String UNIQUE =
      """
      SELECT 1 FROM information_schema.STATISTICS
      WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND NON_UNIQUE = 0
      GROUP BY INDEX_NAME HAVING SUM(SUB_PART IS NULL AND FIND_IN_SET(COLUMN_NAME, ?) > 0) = COUNT(*)
      """;

  private static final Logger LOG = LoggerFactory.getLogger(BinlogTables.class);

  private final Connection connection;
  private final String user;
  private final List<String> problems = new ArrayList<>();

  BinlogTables(Connection connection, String user) {
    this.connection = connection;
    this.user = user;
  }

  /** What is wrong with the tables that were read, each with its remedy. */
  List<String> problems() {
    return problems;
  }

  /** Reads a table; null when something is wrong with it. */
  @Nullable BinlogTable read(SourceTable table) throws SQLException {
    int before = problems.size();
    TableName from = TableName.of(table.from());
    if (!isTable(table, from)) {
      return null;
    }
    Map<String, BinlogType> types = new LinkedHashMap<>();
    List<Column> columns = columns(from, types);
    boolean declared = !table.key().isEmpty();
    List<String> key = declared ? declaredKey(table, from) : primaryKey(table, from);
    return problems.size() > before
        ? null
        : new BinlogTable(
            new CapturedTable(
                table.name(), from, table.appendOnly(), columns, key, declared, comments(from)),
            types);
  }

  private boolean isTable(SourceTable table, TableName from) throws SQLException {
    try (PreparedStatement query = query(TABLE, from);
        ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        problems.add(
            "Table %s does not exist, or user %s may not read it: create it, GRANT SELECT ON %s TO"
                    .formatted(from, user, Identifiers.quoted(from))
                + " %s; or correct source.tables.%s.from".formatted(user, table.name()));
        return false;
      }
      if (!row.getString(1).equals("BASE TABLE")) {
        problems.add(
            "%s is a %s: only plain tables can be captured, remove it from source.tables"
                .formatted(from, row.getString(1).toLowerCase(Locale.ROOT)));
        return false;
      }
      if (!"InnoDB".equalsIgnoreCase(row.getString(2))) {
        problems.add(
            "Table %s is kept by %s, which has no transactions: ALTER TABLE %s ENGINE=InnoDB;"
                .formatted(from, row.getString(2), Identifiers.quoted(from)));
      }
    }
    return isReadable(from);
  }

  private boolean isReadable(TableName from) {
    try (Statement query = connection.createStatement();
        ResultSet rows =
            query.executeQuery("SELECT * FROM %s LIMIT 0".formatted(Identifiers.quoted(from)))) {
      return rows.getMetaData().getColumnCount() > 0;
    } catch (SQLException e) {
      problems.add(
          "User %s may not read %s: GRANT SELECT ON %s TO %s;"
              .formatted(user, from, Identifiers.quoted(from), user));
      return false;
    }
  }

  private List<Column> columns(TableName from, Map<String, BinlogType> types) throws SQLException {
    List<Column> columns = new ArrayList<>();
    try (PreparedStatement query = query(COLUMNS, from);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        String name = row.getString("COLUMN_NAME");
        column(row, from)
            .ifPresent(
                type -> {
                  types.put(name, type);
                });
        BinlogType type = types.get(name);
        if (type != null) {
          columns.add(
              new Column(name, type.type(), row.getBoolean("NULLABLE") || type.mayBeZeroDate()));
        }
      }
    }
    return columns;
  }

  private Optional<BinlogType> column(ResultSet row, TableName from) throws SQLException {
    String name = row.getString("COLUMN_NAME");
    String where = "Column %s of %s".formatted(name, from);
    String declared = row.getString("COLUMN_TYPE");
    Optional<BinlogType> type = type(row, declared);
    if (type.isEmpty()) {
      @Nullable String charset = row.getString("CHARACTER_SET_NAME");
      problems.add(
          "%s is %s%s, a type that is not captured: change it to one of %s, or remove the table"
                  .formatted(
                      where, declared, charset == null ? "" : " in " + charset, BinlogType.CAPTURED)
              + " from source.tables");
    }
    if (declared.startsWith("enum") && OPTION_WITH_COMMA.matcher(declared).find()) {
      problems.add(
          "%s has an option with a comma, which the log's reader changes: rename the option"
              .formatted(where));
    }
    if (row.getBoolean("COMPUTED")) {
      problems.add(
          "%s is generated, which is not captured: make it a plain column (ALTER TABLE %s MODIFY"
                  .formatted(where, Identifiers.quoted(from))
              + " %s %s;)".formatted(Identifiers.quoted(name), declared));
    }
    if (!AVRO_NAME.matcher(name).matches() || name.startsWith("_source_") || name.equals("_op")) {
      problems.add(
          "%s has a name that cannot stand in the lake: rename it to letters, digits and"
                  .formatted(where)
              + " underscores, none of _source_..., _op");
    }
    return type;
  }

  private static Optional<BinlogType> type(ResultSet row, String declared) throws SQLException {
    String name = row.getString("DATA_TYPE").toUpperCase(Locale.ROOT);
    if (declared.toUpperCase(Locale.ROOT).contains("UNSIGNED")) {
      name += " UNSIGNED";
    }
    int length = row.getInt("NUMERIC_PRECISION");
    if (name.equals("BIT") || name.equals("BINARY")) {
      var digits = LENGTH.matcher(declared);
      length = digits.find() ? Integer.parseInt(digits.group(1)) : 1;
    }
    @Nullable String charset = row.getString("CHARACTER_SET_NAME");
    return BinlogType.of(name, length, row.getInt("NUMERIC_SCALE"), charset == null ? "" : charset);
  }

  private List<String> declaredKey(SourceTable table, TableName from) throws SQLException {
    Map<String, Boolean> nullable = new HashMap<>();
    try (PreparedStatement query = query(COLUMNS, from);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        nullable.put(row.getString("COLUMN_NAME"), row.getBoolean("NULLABLE"));
      }
    }
    for (String name : table.key()) {
      if (!nullable.containsKey(name)) {
        problems.add(
            "Table %s has no column %s: correct source.tables.%s.key"
                .formatted(from, name, table.name()));
      } else if (nullable.getOrDefault(name, false)) {
        problems.add(
            "Column %s of %s is in its key and may be null: ALTER TABLE %s MODIFY %s ... NOT NULL;"
                .formatted(name, from, Identifiers.quoted(from), Identifiers.quoted(name)));
      }
    }
    if (!isUnique(table.key(), from)) {
      LOG.warn(
          "Nothing in the database keeps {} of {} unique: rows that have them in common would be"
              + " one row",
          table.key(),
          from);
    }
    return table.key();
  }

  private boolean isUnique(List<String> key, TableName from) throws SQLException {
    try (PreparedStatement query = query(UNIQUE, from)) {
      query.setString(3, String.join(",", key));
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  /** A comment that is none is an empty one. */
  private Comments comments(TableName from) throws SQLException {
    String ofTable = null;
    try (PreparedStatement query = query(TABLE, from);
        ResultSet row = query.executeQuery()) {
      if (row.next() && !row.getString("TABLE_COMMENT").isEmpty()) {
        ofTable = row.getString("TABLE_COMMENT");
      }
    }
    Map<String, String> ofColumns = new HashMap<>();
    try (PreparedStatement query = query(COLUMNS, from);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        if (!row.getString("COLUMN_COMMENT").isEmpty()) {
          ofColumns.put(row.getString("COLUMN_NAME"), row.getString("COLUMN_COMMENT"));
        }
      }
    }
    return new Comments(ofTable, ofColumns);
  }

  private List<String> primaryKey(SourceTable table, TableName from) throws SQLException {
    List<String> key = new ArrayList<>();
    try (PreparedStatement query = query(PRIMARY_KEY, from);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        key.add(row.getString(1));
        if (row.getString(2) != null) {
          problems.add(
              "The primary key of %s has only the beginning of column %s: ALTER TABLE %s DROP"
                      .formatted(from, row.getString(1), Identifiers.quoted(from))
                  + " PRIMARY KEY, ADD PRIMARY KEY (...);");
        }
      }
    }
    if (key.isEmpty() && !table.appendOnly()) {
      problems.add(CapturedTable.withoutKey(table, Identifiers.quoted(from)));
    }
    return key;
  }

  private PreparedStatement query(String sql, TableName from) throws SQLException {
    PreparedStatement query = connection.prepareStatement(sql);
    query.setString(1, from.schema());
    query.setString(2, from.table());
    return query;
  }
}
