package io.millrace.cdc.binlog;

import io.millrace.cdc.CaptureSettings;
import io.millrace.cdc.TableName;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SourceTable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the pipeline file's {@code source.config} says: Debezium's connector properties as they
 * stand, and {@code millrace.*} of our own.
 *
 * @param host {@code database.hostname}
 * @param port {@code database.port}
 * @param user {@code database.user}
 * @param serverId {@code database.server.id}: by which the server knows who reads its log; else one
 *     that follows from the names of the pipeline and the source
 * @param tables the captured tables
 * @param snapshotTransaction {@code millrace.snapshot.transaction.ms}: how long the snapshot of a
 *     single table keeps one transaction open
 * @param config the whole of {@code source.config}
 * @param capture every other property
 */
record BinlogSettings(
    String host,
    String port,
    String user,
    long serverId,
    List<TableName> tables,
    Duration snapshotTransaction,
    Map<String, String> config,
    CaptureSettings capture) {
  private static final String SERVER_ID = "database.server.id";
  private static final String SNAPSHOT_TRANSACTION = "millrace.snapshot.transaction.ms";
  private static final Duration DEFAULT_SNAPSHOT_TRANSACTION = Duration.ofMinutes(5);

  /** Ids from here on are ours, unless someone chose one: few servers have such a great one. */
  private static final long FIRST_ID = 1_300_000_000;

  private static final int IDS = 100_000_000;

  /** What exactness and the types rest on, and what this service does otherwise. */
  private static final Set<String> FIXED =
      Set.of(
          "topic.prefix",
          "database.include.list",
          "database.exclude.list",
          "table.include.list",
          "table.exclude.list",
          "column.include.list",
          "column.exclude.list",
          "gtid.source.includes",
          "gtid.source.excludes",
          "gtid.source.filter.dml.events",
          "message.key.columns",
          "snapshot.mode",
          "snapshot.locking.mode",
          "snapshot.fetch.size",
          "snapshot.select.statement.overrides",
          "provide.transaction.metadata",
          "include.schema.changes",
          "schema.history.internal",
          "tombstones.on.delete",
          "skipped.operations",
          "decimal.handling.mode",
          "bigint.unsigned.handling.mode",
          "time.precision.mode",
          "binary.handling.mode",
          "enable.time.adjuster",
          "converters",
          "transforms",
          "connect.keep.alive",
          "inconsistent.schema.handling.mode",
          "event.converting.failure.handling.mode",
          "event.processing.failure.handling.mode",
          "event.deserialization.failure.handling.mode",
          "errors.max.retries",
          "binlog.buffer.size",
          "use.nongraceful.disconnect",
          "read.only");

  BinlogSettings {
    tables = List.copyOf(tables);
    config = Map.copyOf(config);
  }

  /**
   * The settings of a pipeline.
   *
   * @throws IllegalArgumentException when a setting cannot be used, saying which and why
   */
  static BinlogSettings of(PipelineFile file) {
    Map<String, String> config = file.source().config();
    return new BinlogSettings(
        config.getOrDefault("database.hostname", "localhost"),
        config.getOrDefault("database.port", "3306"),
        config.getOrDefault("database.user", "root"),
        serverId(config, file.source().reader(file.pipeline())),
        file.source().tables().values().stream().map(SourceTable::from).map(TableName::of).toList(),
        CaptureSettings.number(config, SNAPSHOT_TRANSACTION)
            .map(Duration::ofMillis)
            .orElse(DEFAULT_SNAPSHOT_TRANSACTION),
        config,
        CaptureSettings.of(config, FIXED, Set.of(SNAPSHOT_TRANSACTION)));
  }

  private static long serverId(Map<String, String> config, String reader) {
    String text = config.get(SERVER_ID);
    if (text == null) {
      return FIRST_ID + Math.floorMod(reader.hashCode(), IDS);
    }
    try {
      long id = Long.parseLong(text.strip());
      if (id > 0 && id <= 0xffff_ffffL) {
        return id;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "source.config %s is '%s': write a number from 1 to 4294967295 that no other server and no"
                .formatted(SERVER_ID, text)
            + " other reader of the log has");
  }

  String password() {
    return config.getOrDefault("database.password", "");
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
