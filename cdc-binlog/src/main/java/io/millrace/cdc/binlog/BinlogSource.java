package io.millrace.cdc.binlog;

import io.millrace.cdc.CaptureSettings;
import io.millrace.cdc.CapturedTable;
import io.millrace.cdc.CdcMetrics;
import io.millrace.cdc.PlainSource;
import io.millrace.cdc.SnapshotRound;
import io.millrace.cdc.SourceOffset;
import io.millrace.cdc.SourceReader;
import io.millrace.cdc.TableName;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SourceTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** A server that is read by its binary log. */
public final class BinlogSource implements PlainSource {
  private final BinlogServer server;
  private final PipelineFile file;
  private final BinlogDatabase database;
  private List<BinlogTable> tables = List.of();

  /**
   * The source of a pipeline.
   *
   * @throws IllegalArgumentException when a setting cannot be used, saying which and why
   */
  public BinlogSource(BinlogServer server, PipelineFile file) {
    this.server = server;
    this.file = file;
    this.database = new BinlogDatabase(server, BinlogSettings.of(file));
  }

  @Override
  public String connector() {
    return server.connector();
  }

  @Override
  public String title() {
    return server.title();
  }

  @Override
  public CaptureSettings settings() {
    return database.settings().capture();
  }

  /** What other databases call a schema is a database here. */
  @Override
  public String database(TableName table) {
    return table.schema();
  }

  @Override
  public boolean hasLsn() {
    return false;
  }

  @Override
  public boolean hasHistory() {
    return true;
  }

  @Override
  public String capturedTypes() {
    return BinlogType.CAPTURED;
  }

  @Override
  public List<CapturedTable> capturable() {
    tables = new BinlogCheck(database, file).capturable();
    return tables.stream().map(BinlogTable::captured).toList();
  }

  @Override
  public String system() {
    return asked(server::system);
  }

  @Override
  public Optional<String> missing(SourceOffset offset) {
    return asked(
        connection -> {
          String system = server.system(connection);
          return system.equals(offset.footing().system())
              ? server.gap(connection, BinlogPlace.of(offset).state())
              : Optional.of(
                  "The server is another one than the one captured so far (%s, was %s)"
                      .formatted(system, offset.footing().system()));
        });
  }

  @FunctionalInterface
  private interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  private <T> T asked(Question<T> question) {
    try (Connection connection = database.connect()) {
      return question.ask(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(
          "The binary log of %s could not be looked at: %s"
              .formatted(database, BinlogDatabase.firstLine(e)),
          e);
    }
  }

  @Override
  public long position(SourceOffset offset) {
    // Changes have their own places in the transaction, which is in one file, up to its end.
    return new BinlogPosition("." + (BinlogPlace.of(offset).passed().fileNumber() + 1), 0)
        .asNumber();
  }

  @Override
  public SortedMap<String, String> place(long position) {
    return new BinlogPlace("", BinlogPosition.of(position), "").fields();
  }

  @Override
  public SourceReader reader(
      List<CapturedTable> captured,
      Supplier<Optional<SourceOffset>> committed,
      List<byte[]> history) {
    Set<TableName> read =
        captured.stream().map(CapturedTable::from).collect(Collectors.toUnmodifiableSet());
    Map<Boolean, List<BinlogTable>> all =
        tables.stream()
            .collect(Collectors.partitioningBy(table -> read.contains(table.captured().from())));
    return new BinlogReader(
        database,
        file.source().reader(file.pipeline()),
        all.getOrDefault(true, List.of()),
        all.getOrDefault(false, List.of()).stream().map(table -> table.captured().from()).toList(),
        committed,
        new PendingHistory(captured.stream().map(CapturedTable::from).toList(), history));
  }

  @Override
  public boolean isReadable(TableName table, SourceOffset offset) {
    return offset.tables().containsValue(table.toString())
        || BinlogPlace.of(offset).joining().contains(table.toString());
  }

  @Override
  public SnapshotRound.Starter rounds() {
    Map<String, SourceTable> declared = file.source().tables();
    return (table, after, condition, reached) ->
        new SnapshotRound(
            table,
            new BinlogRound(
                database,
                Objects.requireNonNull(declared.get(table.name())),
                after,
                condition,
                BinlogPlace.of(reached)));
  }

  @Override
  public Optional<String> problem(TableName table, String condition) {
    return TableCondition.problem(database, table, condition);
  }

  /** The connection itself tells when the server is gone. */
  @Override
  public AutoCloseable monitor(CdcMetrics metrics, BooleanSupplier leads, Consumer<String> fatal) {
    return () -> {};
  }

  @Override
  public String toString() {
    return database.toString();
  }
}
