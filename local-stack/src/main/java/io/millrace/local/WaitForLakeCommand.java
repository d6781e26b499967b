package io.millrace.local;

import io.millrace.local.lake.Arrival;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace lake wait-for}. */
@Command(
    name = "wait-for",
    mixinStandardHelpOptions = true,
    description = {
      "Returns when a lake table holds all that the source database had committed: up to a place"
          + " of",
      "its log, or up to a time of its clock (a time that has passed counts as now)."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:the table holds it", "1:it did not within the time, or it failed"})
final class WaitForLakeCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private LakeTableOption chosen = new LakeTableOption();

  @ArgGroup(multiplicity = "1")
  private Until until = new Until();

  @Option(
      names = "--timeout",
      paramLabel = "AGE",
      converter = AgeConverter.class,
      description = "How long to wait, such as 30s or 10m (default: 5m).")
  private Duration timeout = Duration.ofMinutes(5);

  /** What it shall hold. */
  private static final class Until {
    @Option(
        names = "--lsn",
        paramLabel = "LSN",
        description = "A place of the log, such as pg_current_wal_lsn() gave after the commit.")
    private @Nullable String lsn;

    @Option(
        names = "--gtid",
        paramLabel = "GTIDS",
        description = {
          "The same of MariaDB, such as @@gtid_binlog_pos was after the commit; of MySQL,"
              + " @@gtid_executed."
        })
    private @Nullable String gtids;

    @Option(
        names = "--time",
        paramLabel = "TIME",
        converter = TimeConverter.class,
        description = "A time such as 2026-01-31T12:00:03Z, or 'now'.")
    private @Nullable Instant time;

    Optional<String> placeIn(PipelineFile pipeline) {
      String place = lsn == null ? gtids : lsn;
      if (place == null) {
        return Optional.empty();
      }
      List<String> connectors = pipeline.sources().stream().map(Source::connector).toList();
      if (connectors.size() > 1) {
        throw new StackException("which source's log is not told: use --time");
      }
      if (connectors.contains(Source.POSTGRESQL) != (lsn != null)) {
        throw new StackException(
            "a source of type %s has no such places: use --%s"
                .formatted(connectors.getFirst(), lsn == null ? "lsn" : "gtid"));
      }
      return Optional.of(place);
    }
  }

  WaitForLakeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    chosen.use(
        (pipeline, table, maintenance) -> {
          long start = System.nanoTime();
          Optional<String> place = until.placeIn(pipeline);
          try (Arrival arrival = new Arrival(pipeline, terminal::live)) {
            boolean arrived =
                place.isPresent()
                    ? arrival.awaitPlace(table, place.get(), timeout)
                    : arrival.awaitTime(
                        List.of(table), Objects.requireNonNull(until.time), timeout);
            terminal.endLive();
            if (!arrived) {
              throw new StackException(
                  "%s does not hold it after %d s: 'status' tells which service is behind"
                      .formatted(table.identifier(), timeout.toSeconds()));
            }
            terminal.line(
                "%s holds it, after %.1f s"
                    .formatted(table.identifier(), (System.nanoTime() - start) / 1e9));
          } catch (KafkaException e) {
            throw new StackException(String.valueOf(e.getMessage()), e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StackException("interrupted", e);
          }
        });
    return 0;
  }
}
