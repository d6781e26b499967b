package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A PostgreSQL database, read through a replication slot. */
final class PostgresSource implements CapturedSource {
  private final PipelineFile file;
  private final CdcSettings settings;
  private final SlotGuard guard;

  /**
   * The source of a pipeline.
   *
   * @throws IllegalArgumentException when a setting cannot be used, saying which and why
   */
  PostgresSource(PipelineFile file) {
    this.file = file;
    this.settings = CdcSettings.of(file);
    this.guard = new SlotGuard(file, settings.slot());
  }

  @Override
  public String connector() {
    return "postgresql";
  }

  @Override
  public String title() {
    return "PostgreSQL";
  }

  @Override
  public CaptureSettings settings() {
    return settings.capture();
  }

  @Override
  public String database(TableName table) {
    return settings.database().name();
  }

  @Override
  public boolean hasLsn() {
    return true;
  }

  @Override
  public String capturedTypes() {
    return SourceTables.CAPTURED_TYPES;
  }

  @Override
  public List<CapturedTable> capturable() {
    return SourceCheck.capturable(file, settings);
  }

  @Override
  public SourceRun begin(SourceRun.Parts parts) throws InterruptedException {
    return PostgresRun.begin(settings, guard, parts);
  }

  @Override
  public Optional<String> problem(TableName table, String condition) {
    return SnapshotSelect.problem(settings.database(), table, condition);
  }

  @Override
  public Optional<Gap> gap() {
    return guard.dropped();
  }

  @Override
  public SourceReader reader(
      List<CapturedTable> tables,
      Supplier<Optional<SourceOffset>> committed,
      List<byte[]> history) {
    return new DebeziumSource(settings, file.source().reader(file.pipeline()), tables, committed);
  }

  @Override
  public AutoCloseable monitor(CdcMetrics metrics, BooleanSupplier leads, Consumer<String> fatal) {
    SourceMonitor monitor = new SourceMonitor(file, settings, guard, metrics, leads, fatal);
    monitor.start();
    return monitor;
  }

  @Override
  public String toString() {
    return settings.database().toString();
  }
}
