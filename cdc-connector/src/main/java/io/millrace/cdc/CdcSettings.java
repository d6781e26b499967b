package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SourceTable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the pipeline file's {@code source.config} says: Debezium's connector properties as they
 * stand, and {@code millrace.*} of our own.
 *
 * @param database where it is
 * @param slot {@code slot.name}, else {@code millrace_<pipeline>}, with several sources {@code
 *     millrace_<pipeline>_<source>}
 * @param publication {@code publication.name}, else {@code <pipeline>_publication} or {@code
 *     <pipeline>_<source>_publication}
 * @param snapshotTransaction {@code millrace.snapshot.transaction.ms}: how long the snapshot of a
 *     table keeps one transaction open, which an {@code ALTER TABLE} has to wait for
 * @param capture every other property
 */
record CdcSettings(
    SourceDatabase database,
    ReplicationSlot slot,
    Publication publication,
    Duration snapshotTransaction,
    CaptureSettings capture) {
  private static final String SNAPSHOT_TRANSACTION = "millrace.snapshot.transaction.ms";
  private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");

  /** What exactness and the types rest on, and what this service does otherwise. */
  private static final Set<String> FIXED =
      Set.of(
          "plugin.name",
          "topic.prefix",
          "table.include.list",
          "table.exclude.list",
          "schema.include.list",
          "schema.exclude.list",
          "column.include.list",
          "column.exclude.list",
          "publication.autocreate.mode",
          "slot.drop.on.stop",
          "snapshot.mode",
          "snapshot.select.statement.overrides",
          "message.key.columns",
          "provide.transaction.metadata",
          "tombstones.on.delete",
          "skipped.operations",
          "decimal.handling.mode",
          "time.precision.mode",
          "binary.handling.mode",
          "include.unknown.datatypes",
          "converters",
          "transforms",
          "event.converting.failure.handling.mode",
          "event.processing.failure.handling.mode",
          "lsn.flush.mode",
          "flush.lsn.source",
          "offset.mismatch.strategy",
          "heartbeat.action.query",
          "errors.max.retries",
          "read.only");

  /**
   * The settings of a pipeline.
   *
   * @throws IllegalArgumentException when a setting cannot be used, saying which and why
   */
  static CdcSettings of(PipelineFile file) {
    Map<String, String> config = file.source().config();
    String reader = file.source().reader(file.pipeline());
    return new CdcSettings(
        SourceDatabase.of(file),
        new ReplicationSlot(slotName(file.source().slotName(file.pipeline()))),
        new Publication(
            config.getOrDefault("publication.name", reader + "_publication"), tableNames(file)),
        Duration.ofMillis(CaptureSettings.number(config, SNAPSHOT_TRANSACTION).orElse(300_000L)),
        CaptureSettings.of(config, FIXED, Set.of(SNAPSHOT_TRANSACTION)));
  }

  private static String slotName(String name) {
    if (!SLOT.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "replication slot name '%s' must match %s: set slot.name in source.config"
              .formatted(name, SLOT.pattern()));
    }
    return name;
  }

  private static List<TableName> tableNames(PipelineFile file) {
    return file.source().tables().values().stream()
        .map(SourceTable::from)
        .map(TableName::of)
        .collect(Collectors.toList());
  }
}
