package io.millrace.cdc.binlog;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/** What differs between the servers that have a binary log. */
public interface BinlogServer {
  /** Its kind, as the pipeline file and the change events name it. */
  String connector();

  /** Its kind, as people name it. */
  String title();

  /** Debezium's connector, as a task that is not running. */
  SourceTask task();

  /** Class name of the connector that {@link #task} is of. */
  String connectorClass();

  /** The converter of its values. */
  default Class<? extends BinlogValues> values() {
    return BinlogValues.class;
  }

  /** The connector's properties for how it reads a snapshot's rows. */
  Map<String, String> fetching();

  /** A JDBC URL without properties. */
  String url(String host, String port);

  /** The driver's properties for Debezium's {@code database.ssl.*}. */
  Map<String, String> encryption(Map<String, String> config);

  /** Its sets of transactions. */
  GtidSets gtids();

  /**
   * Global privileges that the connector needs: each with the names by which a grant may give it.
   */
  Map<String, List<String>> privileges();

  /** The statement that tells which databases the log leaves out. */
  String statusStatement(Connection connection) throws SQLException;

  /** All that keeps the log from being read exactly, each with the statement that mends it. */
  List<String> problems(Connection connection) throws SQLException;

  /** Its identity. */
  String system(Connection connection) throws SQLException;

  /**
   * Why the log does not go on where it was read to: transactions are missing in it, or it is
   * another one. Empty when it does.
   */
  Optional<String> gap(Connection connection, BinlogState read) throws SQLException;

  /**
   * Begins a read-only transaction whose snapshot has at least what was read.
   *
   * @return where the log stands; empty when the snapshot lacks some of that: the server has not
   *     yet finished with a transaction that its log has
   */
  Optional<Moment> beginSnapshot(Connection connection, BinlogState read) throws SQLException;

  /**
   * Where the log stood when a snapshot was taken.
   *
   * @param file of the place: the snapshot has nothing that begins there or behind
   * @param position in the file
   * @param gtids all that the log has before; null when that is not known
   */
  record Moment(String file, long position, @Nullable String gtids) {}

  /**
   * Up to where a log was read.
   *
   * @param gtids every transaction that was read
   * @param file where the last of them begins
   * @param position in the file
   * @param last that transaction; empty when there was none since the snapshot
   */
  record BinlogState(String gtids, String file, long position, String last) {}
}
