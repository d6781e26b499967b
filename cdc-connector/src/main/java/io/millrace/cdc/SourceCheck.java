package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Whether a database lets itself be captured, and what it takes when it does not. */
public final class SourceCheck {
  private static final int OLDEST_VERSION = 150000;

  private static final String SETTINGS =
      """
      SELECT current_setting('wal_level') AS wal_level,
             current_setting('server_version_num')::int AS version,
             current_setting('server_version') AS version_text,
             pg_is_in_recovery() AS standby,
             current_setting('max_replication_slots')::int AS slots,
             (SELECT count(*) FROM pg_catalog.pg_replication_slots WHERE slot_name <> ?)
               AS slots_used,
             current_setting('max_wal_senders')::int AS senders
      """;

  /** A managed PostgreSQL grants replication by a role of its own. */
  private static final String MAY_REPLICATE =
      """
      SELECT rolsuper OR rolreplication OR EXISTS (
        SELECT 1 FROM pg_catalog.pg_roles g
        WHERE g.rolname IN ('rds_replication', 'rds_superuser', 'cloudsqlsuperuser')
          AND pg_has_role(current_user, g.oid, 'USAGE'))
      FROM pg_catalog.pg_roles WHERE rolname = current_user
      """;

  private SourceCheck() {}

  /**
   * Everything that keeps the source of a pipeline from being captured. Changes nothing.
   *
   * @return one message per problem, each with the SQL or the setting that mends it; empty when the
   *     source is fine
   */
  public static List<String> problems(PipelineFile file) {
    CdcSettings settings;
    try {
      settings = CdcSettings.of(file);
    } catch (IllegalArgumentException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
    try (Connection connection = settings.database().connect()) {
      return report(connection, file, settings).problems();
    } catch (SourceUnreachableException e) {
      return List.of(String.valueOf(e.getMessage()));
    } catch (SQLException e) {
      return List.of(
          "PostgreSQL at %s could not be checked: %s"
              .formatted(settings.database(), e.getMessage()));
    }
  }

  /**
   * The tables to capture.
   *
   * @throws SourceUnreachableException when the database does not let us in
   * @throws UncapturableException when something keeps it from being captured, saying all of it
   */
  static List<CapturedTable> capturable(PipelineFile file, CdcSettings settings) {
    try (Connection connection = settings.database().connect()) {
      SourceTables tables = report(connection, file, settings);
      if (!tables.problems().isEmpty()) {
        throw new UncapturableException(
            "PostgreSQL at %s cannot be captured:\n- ".formatted(settings.database())
                + String.join("\n- ", tables.problems()));
      }
      return tables.tables();
    } catch (SQLException e) {
      throw new IllegalStateException(
          "PostgreSQL at %s could not be checked: %s"
              .formatted(settings.database(), e.getMessage()),
          e);
    }
  }

  /** The captured tables, and all that is wrong with the database. */
  static SourceTables report(Connection connection, PipelineFile file, CdcSettings settings)
      throws SQLException {
    String user = settings.database().user();
    List<String> problems = new ArrayList<>();
    checkServer(connection, settings, problems);
    checkReplication(connection, user, problems);
    SourceTables tables = SourceTables.read(connection, file.source(), user);
    problems.addAll(tables.problems());
    if (tables.problems().isEmpty()) {
      checkPublication(connection, settings.publication(), user, problems);
    }
    return new SourceTables(tables.tables(), problems);
  }

  private static void checkServer(
      Connection connection, CdcSettings settings, List<String> problems) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(SETTINGS)) {
      query.setString(1, settings.slot().name());
      ResultSet row = query.executeQuery();
      row.next();
      if (row.getInt("version") < OLDEST_VERSION) {
        problems.add(
            "PostgreSQL %s is too old: version 15 or later is needed"
                .formatted(row.getString("version_text")));
      }
      if (row.getBoolean("standby")) {
        problems.add("The database is a standby: give the address of its primary");
      }
      if (!row.getString("wal_level").equals("logical")) {
        problems.add(
            "wal_level is '%s', not 'logical': ALTER SYSTEM SET wal_level = 'logical'; then restart"
                    .formatted(row.getString("wal_level"))
                + " PostgreSQL");
      }
      if (row.getInt("slots") <= row.getInt("slots_used")) {
        problems.add(
            "All %d replication slots are taken: ALTER SYSTEM SET max_replication_slots = %d; then"
                    .formatted(row.getInt("slots"), row.getInt("slots_used") + 1)
                + " restart PostgreSQL");
      }
      if (row.getInt("senders") == 0) {
        problems.add(
            "max_wal_senders is 0: ALTER SYSTEM SET max_wal_senders = 10; then restart PostgreSQL");
      }
    }
  }

  private static void checkReplication(Connection connection, String user, List<String> problems)
      throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet row = query.executeQuery(MAY_REPLICATE)) {
      if (!row.next() || !row.getBoolean(1)) {
        problems.add(
            "User %s may not replicate: ALTER ROLE %s REPLICATION;"
                .formatted(user, TableName.quoted(user)));
      }
    }
  }

  private static void checkPublication(
      Connection connection, Publication publication, String user, List<String> problems)
      throws SQLException {
    var mend = publication.mend(connection);
    if (mend.isPresent() && !publication.mayMend(connection)) {
      problems.add(
          "User %s does not own all tables, so their owner must make the publication: %s"
              .formatted(user, mend.get()));
    }
  }
}
