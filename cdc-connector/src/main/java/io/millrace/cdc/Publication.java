package io.millrace.cdc;

import io.millrace.pipeline.Source;
import io.millrace.pipeline.SourceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The publication that decides what of the log PostgreSQL sends: whole rows of the captured tables.
 *
 * @param name its name
 * @param tables what it has to publish, in the pipeline file's order
 */
record Publication(String name, Collection<TableName> tables) {
  private static final String DECLARED =
      """
      SELECT puballtables, pubinsert AND pubupdate AND pubdelete AND pubtruncate AS all_operations,
             pg_has_role(pubowner, 'USAGE') AS ours
      FROM pg_catalog.pg_publication WHERE pubname = ?
      """;

  /** {@code attnames} names every column of a table that is published whole. */
  private static final String PUBLISHED =
      """
      SELECT p.schemaname, p.tablename,
             p.rowfilter IS NULL AND cardinality(p.attnames) = (
               SELECT count(*) FROM pg_catalog.pg_attribute a
               WHERE a.attrelid = format('%I.%I', p.schemaname, p.tablename)::regclass
                 AND a.attnum > 0 AND NOT a.attisdropped) AS whole
      FROM pg_catalog.pg_publication_tables p WHERE p.pubname = ?
      """;

  private static final String MAY_CREATE =
      """
      SELECT rolsuper OR has_database_privilege(current_database(), 'CREATE')
      FROM pg_catalog.pg_roles WHERE rolname = current_user
      """;

  private static final String OWNS =
      """
      SELECT pg_has_role(c.relowner, 'USAGE')
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ?
      """;

  /**
   * The row of a publication is written anew when its operations change, that of a table in it when
   * the table is taken out and put back, or filtered.
   */
  private static final String FINGERPRINT =
      """
      SELECT c.oid::text || coalesce((
        SELECT concat_ws('/', '', p.oid, p.xmin,
                 (SELECT string_agg(r.oid::text, ',' ORDER BY r.oid)
                  FROM pg_catalog.pg_publication_rel r
                  WHERE r.prpubid = p.oid
                    AND (r.prrelid = c.oid
                         OR r.prrelid IN (SELECT relid FROM pg_partition_ancestors(c.oid)))),
                 (SELECT string_agg(s.oid::text, ',' ORDER BY s.oid)
                  FROM pg_catalog.pg_publication_namespace s
                  WHERE s.pnpubid = p.oid AND s.pnnspid = n.oid))
        FROM pg_catalog.pg_publication p WHERE p.pubname = ?), '')
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ?
      """;

  private static final String WITH = " WITH (publish = 'insert, update, delete, truncate')";

  /** The SQL that makes the publication right; empty when it is. */
  Optional<String> mend(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(DECLARED)) {
      query.setString(1, name);
      try (ResultSet rows = query.executeQuery()) {
        if (!rows.next()) {
          return Optional.of(
              "CREATE PUBLICATION %s FOR TABLE %s%s;".formatted(sql(), list(), WITH));
        }
        if (!rows.getBoolean("all_operations")) {
          return Optional.of(
              "DROP PUBLICATION %s; CREATE PUBLICATION %s FOR TABLE %s%s;"
                  .formatted(sql(), sql(), list(), WITH));
        }
      }
    }
    return published(connection).containsAll(tables)
        ? Optional.empty()
        : Optional.of("ALTER PUBLICATION %s SET TABLE %s;".formatted(sql(), list()));
  }

  /** Whether this user has the rights that {@link #mend} takes. */
  boolean mayMend(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(DECLARED)) {
      query.setString(1, name);
      try (ResultSet rows = query.executeQuery()) {
        if (rows.next() && !rows.getBoolean("ours")) {
          return false;
        }
      }
    }
    try (Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery(MAY_CREATE)) {
      if (!rows.next() || !rows.getBoolean(1)) {
        return false;
      }
    }
    for (TableName table : tables) {
      if (!owns(connection, table)) {
        return false;
      }
    }
    return true;
  }

  /** Creates or alters the publication when it is not right yet. */
  void ensure(Connection connection) throws SQLException {
    Optional<String> mend = mend(connection);
    if (mend.isPresent()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(mend.get());
      }
    }
  }

  /**
   * What tells, for each table, whether PostgreSQL has been sending all of its changes since an
   * earlier look: the same as long as it has. An alteration that was undone meanwhile shows too.
   *
   * @return by the tables' names in the pipeline
   */
  SortedMap<String, String> fingerprints(Connection connection, Source source) throws SQLException {
    SortedMap<String, String> fingerprints = new TreeMap<>();
    for (SourceTable table : source.tables().values()) {
      TableName from = TableName.of(table.from());
      try (PreparedStatement query = connection.prepareStatement(FINGERPRINT)) {
        query.setString(1, name);
        query.setString(2, from.schema());
        query.setString(3, from.table());
        try (ResultSet rows = query.executeQuery()) {
          fingerprints.put(table.name(), rows.next() ? rows.getString(1) : "");
        }
      }
    }
    return fingerprints;
  }

  private Set<TableName> published(Connection connection) throws SQLException {
    Set<TableName> whole = new HashSet<>();
    try (PreparedStatement query = connection.prepareStatement(PUBLISHED)) {
      query.setString(1, name);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          if (rows.getBoolean("whole")) {
            whole.add(new TableName(rows.getString(1), rows.getString(2)));
          }
        }
      }
    }
    return whole;
  }

  private static boolean owns(Connection connection, TableName table) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(OWNS)) {
      query.setString(1, table.schema());
      query.setString(2, table.table());
      try (ResultSet rows = query.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  private String sql() {
    return TableName.quoted(name);
  }

  private String list() {
    return tables.stream().map(TableName::sql).collect(Collectors.joining(", "));
  }
}
