package io.millrace.local.chaos;

import io.millrace.local.LocalStack;
import io.millrace.local.StackException;
import io.millrace.local.lake.LakeQuery;
import io.millrace.local.lake.Reconciler;
import io.millrace.local.lake.TableComparison;
import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.maintenance.PendingFiles;
import io.millrace.sink.maintenance.TableMaintenance;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.exceptions.NotFoundException;

/** What is true once the load has ended: the lake equals the source, and nothing is left over. */
final class Verdict {
  private static final Duration POLL = Duration.ofSeconds(3);

  private final LocalStack stack;
  private final PipelineFile pipeline;
  private final List<RandomTable> tables;
  private final Path warehouse;
  private final long deadline;

  /**
   * A verdict on a stack.
   *
   * @param patience how long it may take until everything is as it has to be
   */
  Verdict(LocalStack stack, List<RandomTable> tables, Path warehouse, Duration patience) {
    this.stack = stack;
    this.pipeline = stack.pipeline();
    this.tables = tables;
    this.warehouse = warehouse;
    this.deadline = System.nanoTime() + patience.toNanos();
  }

  /** Every lake table beside its SQL, as soon as all are equal, or when patience ends. */
  List<TableComparison> comparisons() throws InterruptedException {
    while (true) {
      Thread.sleep(POLL);
      try {
        List<TableComparison> comparisons = Reconciler.of(pipeline).compare();
        if (comparisons.stream().allMatch(TableComparison::equal) || late()) {
          return comparisons;
        }
      } catch (StackException | NotFoundException e) {
        // The schemas of an altered table may only just arrive, and what is compacted away goes
        // when its snapshots expire, which they soon do here.
        if (late()) {
          throw e;
        }
      }
    }
  }

  private boolean late() {
    return System.nanoTime() - deadline > 0;
  }

  /** A line for each thing that is not as it has to be; empty when all is. */
  List<String> problems() throws InterruptedException, SQLException {
    String source = stack.source().url();
    LakeQuery lake = new LakeQuery(pipeline);
    Map<RandomTable, Eras> altered = altered(source);
    List<String> problems = new ArrayList<>(CommittedChanges.differences(altered, source, lake));
    problems.addAll(BronzeHistories.problems(altered, lake));
    problems.addAll(slots(source));
    try (KafkaRemains kafka = new KafkaRemains(stack.address("kafka"), pipeline)) {
      problems.addAll(settled(kafka));
    }
    return problems;
  }

  private Map<RandomTable, Eras> altered(String jdbcUrl) throws SQLException {
    Map<RandomTable, Eras> altered = new LinkedHashMap<>();
    try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
      for (RandomTable table : tables) {
        altered.put(
            table,
            Eras.of(Alterations.positions(connection, table), Rereads.spans(connection, table)));
      }
    }
    return altered;
  }

  /** The last transactions may just be ending. */
  private List<String> settled(KafkaRemains kafka) throws InterruptedException {
    List<String> problems = kafka.problems();
    while (!problems.isEmpty() && !late()) {
      Thread.sleep(POLL);
      problems = kafka.problems();
    }
    return problems;
  }

  private static List<String> slots(String jdbcUrl) throws SQLException {
    List<String> slots = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT slot_name, temporary FROM pg_replication_slots ORDER BY 1")) {
      while (row.next()) {
        slots.add(row.getString(1) + (row.getBoolean(2) ? " (temporary)" : ""));
      }
    }
    return slots.size() == 1
        ? List.of()
        : List.of("the database has the replication slots " + slots);
  }

  /** What broken transactions have left in the warehouse. */
  LakeRemains lakeRemains() {
    return LakeRemains.of(pipeline, warehouse);
  }

  /**
   * Removes all that, the youngest too, for which no one may be writing: ends sink-service.
   *
   * @return a line for each thing that is not as it has to be then
   */
  List<String> sweep() throws InterruptedException {
    stack.kill("sink-service");
    try (LakeCatalog catalog = LakeCatalog.open(pipeline)) {
      PendingFiles pending =
          new PendingFiles(pipeline, new HttpSchemaRegistry(pipeline.registry()));
      TableMaintenance maintenance = new TableMaintenance(catalog, pending, Clock.systemUTC());
      for (LakeTable table : pipeline.lakeTables()) {
        boolean more = true;
        while (more) {
          more = maintenance.removeOrphans(table, Duration.ZERO, false).more();
        }
      }
    }
    List<String> problems = new ArrayList<>();
    LakeRemains left = lakeRemains();
    if (left.files() > 0) {
      problems.add("%d files in the warehouse are no table's and stay".formatted(left.files()));
    }
    for (TableComparison table : Reconciler.of(pipeline).compare()) {
      if (!table.equal()) {
        problems.add(table.table() + " is not equal any more without its orphan files");
      }
    }
    return problems;
  }
}
