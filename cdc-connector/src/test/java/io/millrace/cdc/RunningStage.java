package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.serde.SchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A cdc-connector for any kind of database, while it runs in this JVM. */
public final class RunningStage implements AutoCloseable {
  private final CdcStage stage;
  private final List<String> fatal = new CopyOnWriteArrayList<>();
  private final MeterRegistry meters = new SimpleMeterRegistry();

  /**
   * A connector that does not run yet.
   *
   * @param source the source of the pipeline
   */
  public RunningStage(
      Path directory,
      PipelineFile file,
      SchemaRegistry registry,
      Function<PipelineFile, CapturedSource> source) {
    this.stage =
        new CdcStage(
            new StageContext(CdcConnector.STAGE, file, directory, registry, meters, fatal::add),
            source);
  }

  /** Starts it and waits until it streams. */
  public RunningStage streaming() throws InterruptedException {
    start();
    assertThat(fatal).isEmpty();
    return this;
  }

  /** Starts it and waits until it streams or stops. */
  public RunningStage start() throws InterruptedException {
    stage.start();
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> stage.status().state() == StageStatus.State.SERVING || !fatal.isEmpty());
    return this;
  }

  /** Starts it and waits until its status says that changes are missing, and why. */
  public RunningStage gap(String reason) throws InterruptedException {
    stage.start();
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              assertThat(fatal).isEmpty();
              String status = stage.status().detail();
              return status.startsWith("gap: ") && status.contains(reason);
            });
    return this;
  }

  /** Asks for a snapshot of all tables, and waits until it streams. */
  public void startOver() throws InterruptedException {
    assertThat(stage.capture().orElseThrow().snapshots().ask(Duration.ofSeconds(30))).isTrue();
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> stage.status().state() == StageStatus.State.SERVING);
  }

  /** Asks for a snapshot of a table, or of its rows that meet a condition. */
  public void ask(String table, @Nullable String condition) throws InterruptedException {
    String id = "asked-" + System.nanoTime();
    assertThat(
            desk()
                .ask(
                    new SnapshotCommand.Take(id, List.of(table), condition),
                    Duration.ofSeconds(30)))
        .isEqualTo(SnapshotCommand.Answer.ACCEPTED);
  }

  /** What the database has against a condition. */
  public Optional<String> problem(String table, String condition) {
    return stage
        .capture()
        .orElseThrow()
        .problem(Objects.requireNonNull(stage.tables().get(table)), condition);
  }

  /** Waits until there was a snapshot of a single table, and all have been taken. */
  public void awaitSnapshots() {
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () ->
                desk().count(SnapshotView.State.DONE) > 0
                    && desk().count(SnapshotView.State.RUNNING) == 0
                    && desk().count(SnapshotView.State.PENDING) == 0);
  }

  /** Rows of a table that snapshots have read. */
  public double rowsReadAgain(String table) {
    Counter rows = meters.find("millrace.cdc.snapshot.rows").tag("table", table).counter();
    return rows == null ? 0 : rows.count();
  }

  private SnapshotDesk desk() {
    return stage.capture().orElseThrow().desk();
  }

  /** Why it stopped. */
  public List<String> fatal() {
    return fatal;
  }

  /** What it counts. */
  public MeterRegistry meters() {
    return meters;
  }

  @Override
  public void close() {
    stage.close();
  }
}
