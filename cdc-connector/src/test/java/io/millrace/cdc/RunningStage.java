package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.serde.SchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

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
