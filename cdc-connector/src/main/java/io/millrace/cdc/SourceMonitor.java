package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the source database from time to time: at its slot, by {@link SlotGuard}, and whether
 * the tables still send whole old rows. The log does not say when a replica identity changes, and
 * deletes would then lose their row without anyone noticing.
 */
final class SourceMonitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourceMonitor.class);
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final PipelineFile file;
  private final CdcSettings settings;
  private final SlotGuard guard;
  private final CdcMetrics metrics;
  private final BooleanSupplier leading;
  private final Consumer<String> fatal;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("source-monitor").daemon().factory());
  private @Nullable Connection connection;

  SourceMonitor(
      PipelineFile file,
      CdcSettings settings,
      SlotGuard guard,
      CdcMetrics metrics,
      BooleanSupplier leading,
      Consumer<String> fatal) {
    this.file = file;
    this.settings = settings;
    this.guard = guard;
    this.metrics = metrics;
    this.leading = leading;
    this.fatal = fatal;
  }

  void start() {
    var _ = timer.scheduleWithFixedDelay(this::look, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      Connection database = connection;
      if (database == null || !database.isValid(1)) {
        database = settings.database().connect();
        connection = database;
      }
      guard.look(database, metrics);
      List<String> problems = SourceTables.notWhole(database, file.source());
      if (!problems.isEmpty() && leading.getAsBoolean()) {
        fatal.accept(String.join("\n", problems));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException | RuntimeException e) {
      // The connector itself notices a lost database, and says so.
      LOG.debug("The source database could not be looked at", e);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    try {
      if (timer.awaitTermination(5, TimeUnit.SECONDS) && connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      LOG.debug("closing", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
