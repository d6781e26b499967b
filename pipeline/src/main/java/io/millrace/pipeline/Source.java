package io.millrace.pipeline;

import java.util.List;
import java.util.Map;

/**
 * The operational database.
 *
 * @param connector kind of database: one of {@link #CONNECTORS}
 * @param config Debezium connector properties as they stand
 * @param tables captured tables by their name in the pipeline, in the file's order
 * @param slotLimit how much of its log the database may keep back
 */
public record Source(
    String connector,
    Map<String, String> config,
    Map<String, SourceTable> tables,
    SlotLimit slotLimit) {
  /** A PostgreSQL database, whose tables are in schemas. */
  public static final String POSTGRESQL = "postgresql";

  /** A MariaDB server, whose tables are in databases. */
  public static final String MARIADB = "mariadb";

  /** The kinds of databases that can be captured. */
  public static final List<String> CONNECTORS = List.of(POSTGRESQL, MARIADB);

  /** A source with the default limit. */
  public Source(String connector, Map<String, String> config, Map<String, SourceTable> tables) {
    this(connector, config, tables, SlotLimit.DEFAULT);
  }
}
