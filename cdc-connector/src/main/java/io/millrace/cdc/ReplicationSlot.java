package io.millrace.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replication slot, by which PostgreSQL keeps the log that is not in Kafka yet.
 *
 * @param name its name
 */
record ReplicationSlot(String name) {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationSlot.class);
  private static final Duration POLL = Duration.ofMillis(200);

  private static final String STATE =
      """
      SELECT s.active, coalesce(s.active_pid, 0) AS pid, s.plugin, s.database,
             s.restart_lsn::text, s.confirmed_flush_lsn::text, s.wal_status,
             coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn), 0)::bigint
               AS lag,
             coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn), 0)::bigint AS retained,
             coalesce(a.application_name, '') AS application,
             coalesce(a.usename = current_user, false) AS ours,
             coalesce(host(a.client_addr), 'a local socket') AS client
      FROM pg_catalog.pg_replication_slots s
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid
      WHERE s.slot_name = ?
      """;

  /**
   * How the slot is.
   *
   * @param holder who reads from it now; empty when no one does
   * @param restartLsn the oldest record that any change sent from now on has
   * @param confirmedLsn up to where its reader has everything
   * @param lost PostgreSQL removed log that the slot needs
   * @param lagBytes log that is not confirmed
   * @param retainedBytes log that PostgreSQL keeps for the slot
   */
  record State(
      Optional<Holder> holder,
      long restartLsn,
      long confirmedLsn,
      boolean lost,
      long lagBytes,
      long retainedBytes) {}

  /**
   * A session that reads from the slot.
   *
   * @param pid its process
   * @param ours whether it is of the user that this connector has
   * @param text for a message
   */
  record Holder(int pid, boolean ours, String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  /** The state; empty when there is no such slot. */
  Optional<State> state(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(STATE)) {
      query.setString(1, name);
      try (ResultSet rows = query.executeQuery()) {
        return rows.next() ? Optional.of(state(rows)) : Optional.empty();
      }
    }
  }

  private static State state(ResultSet row) throws SQLException {
    Optional<Holder> holder =
        row.getBoolean("active")
            ? Optional.of(
                new Holder(
                    row.getInt("pid"),
                    row.getBoolean("ours"),
                    "process %d, '%s' from %s"
                        .formatted(
                            row.getInt("pid"),
                            row.getString("application"),
                            row.getString("client"))))
            : Optional.empty();
    return new State(
        holder,
        lsn(row.getString("restart_lsn")),
        lsn(row.getString("confirmed_flush_lsn")),
        "lost".equals(row.getString("wal_status")),
        row.getLong("lag"),
        row.getLong("retained"));
  }

  private static long lsn(String text) {
    return text == null ? 0 : Lsn.of(text);
  }

  /**
   * Makes sure that no slot is there, so that the next one is created with a snapshot.
   *
   * @param patience how long to wait for its reader to go: a predecessor that was killed or that
   *     was fenced takes a moment
   * @throws UncapturableException when someone still reads from it
   */
  void drop(Connection connection, Duration patience) throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    Optional<State> state = state(connection);
    while (state.isPresent() && state.get().holder().isPresent()) {
      if (System.nanoTime() - deadline > 0) {
        throw new UncapturableException(
            "Replication slot %s is in use by %s, yet this pipeline has committed nothing: stop"
                    .formatted(name, state.get().holder().get())
                + " that process, or give this pipeline its own slot (source.config: slot.name)");
      }
      Thread.sleep(POLL);
      state = state(connection);
    }
    if (state.isPresent()) {
      try (PreparedStatement drop =
          connection.prepareStatement("SELECT pg_drop_replication_slot(?)")) {
        drop.setString(1, name);
        drop.execute();
      }
    }
  }

  /**
   * Makes sure that no one reads from the slot. Called by the connector that Kafka lets write: a
   * reader of the same user is one that it replaced, frozen, or on a host that vanished, and
   * PostgreSQL would wait a minute to find out.
   *
   * @param patience how long the reader may take to go
   * @throws UncapturableException when someone still reads from it
   */
  void free(Connection connection, Duration patience) throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    int terminated = 0;
    Optional<Holder> holder = state(connection).flatMap(State::holder);
    while (holder.isPresent()) {
      if (System.nanoTime() - deadline > 0) {
        throw new UncapturableException(
            "Replication slot %s is in use by %s: stop that process, or give this pipeline its own"
                    .formatted(name, holder.get())
                + " slot (source.config: slot.name)");
      }
      if (holder.get().ours() && holder.get().pid() != terminated) {
        terminated = holder.get().pid();
        LOG.info("Ending {}, which still reads from replication slot {}", holder.get(), name);
        try (PreparedStatement end =
            connection.prepareStatement("SELECT pg_terminate_backend(?)")) {
          end.setInt(1, terminated);
          end.execute();
        }
      }
      Thread.sleep(POLL);
      holder = state(connection).flatMap(State::holder);
    }
  }

  /** Why the slot does not hold everything after {@code offset}; empty when it does. */
  Optional<String> missing(Connection connection, SourceOffset offset) throws SQLException {
    Optional<State> state = state(connection);
    if (state.isEmpty()) {
      return Optional.of(
          "Replication slot %s is gone; Kafka has the changes up to %s"
              .formatted(name, offset.placeText()));
    }
    if (state.get().lost()) {
      return Optional.of(
          "PostgreSQL removed log that replication slot %s needs (max_slot_wal_keep_size)"
              .formatted(name));
    }
    if (Long.compareUnsigned(state.get().confirmedLsn(), Lsn.of(offset)) > 0) {
      return Optional.of(
          "Replication slot %s stands at %s, but Kafka has the changes up to %s only: it was"
                  .formatted(name, Lsn.text(state.get().confirmedLsn()), offset.placeText())
              + " recreated or advanced by someone else");
    }
    return Optional.empty();
  }

  /** Where PostgreSQL writes its log now: all that is committed stands before. */
  static long insertLsn(Connection connection) throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
      rows.next();
      return Lsn.of(rows.getString(1));
    }
  }

  /** PostgreSQL's system identifier. */
  static String system(Connection connection) throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet rows =
            query.executeQuery("SELECT system_identifier::text FROM pg_control_system()")) {
      rows.next();
      return rows.getString(1);
    }
  }
}
