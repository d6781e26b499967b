package io.millrace.pipeline;

import java.util.List;
import java.util.Map;

/**
 * An operational database.
 *
 * @param name its name, where the file has several; else empty
 * @param connector kind of database: one of {@link #CONNECTORS}
 * @param config Debezium connector properties as they stand
 * @param tables captured tables by their name in the pipeline, in the file's order
 * @param slotLimit how much of its log the database may keep back
 */
public record Source(
    String name,
    String connector,
    Map<String, String> config,
    Map<String, SourceTable> tables,
    SlotLimit slotLimit) {
  /** A PostgreSQL database, whose tables are in schemas. */
  public static final String POSTGRESQL = "postgresql";

  /** A MariaDB server, whose tables are in databases. */
  public static final String MARIADB = "mariadb";

  /** A MySQL server, whose tables are in databases. */
  public static final String MYSQL = "mysql";

  /** The kinds of databases that can be captured. */
  public static final List<String> CONNECTORS = List.of(POSTGRESQL, MARIADB, MYSQL);

  /** The only source of a pipeline. */
  public Source(
      String connector,
      Map<String, String> config,
      Map<String, SourceTable> tables,
      SlotLimit slotLimit) {
    this("", connector, config, tables, slotLimit);
  }

  /** The only source of a pipeline, with the default limit. */
  public Source(String connector, Map<String, String> config, Map<String, SourceTable> tables) {
    this(connector, config, tables, SlotLimit.DEFAULT);
  }

  /** What its connector is known by in the database: the pipeline's name, and its own if any. */
  public String reader(String pipeline) {
    return name.isEmpty() ? pipeline : pipeline + "_" + name;
  }

  /** Name of the replication slot of a PostgreSQL source: {@code slot.name}, else of its reader. */
  public String slotName(String pipeline) {
    return config.getOrDefault("slot.name", "millrace_" + reader(pipeline));
  }
}
