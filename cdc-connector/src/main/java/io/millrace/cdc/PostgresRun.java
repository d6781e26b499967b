package io.millrace.cdc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A run of a {@link PostgresSource}. */
final class PostgresRun implements SourceRun {
  private static final Duration CHECK = Duration.ofSeconds(5);

  private final CdcSettings settings;
  private final Parts parts;
  private final TopicIds ids;
  private final GapCheck gaps;
  private final Start start;
  private final TableSnapshots snapshots;
  private final ShapeWatch watch;
  private long checkedNanos = System.nanoTime();

  private PostgresRun(CdcSettings settings, Parts parts, TopicIds ids, GapCheck gaps, Start start) {
    this.settings = settings;
    this.parts = parts;
    this.ids = ids;
    this.gaps = gaps;
    this.start = start;
    this.snapshots = snapshots(settings, parts, start);
    this.watch = new ShapeWatch(settings, parts.tables(), snapshots);
  }

  static PostgresRun begin(CdcSettings settings, SlotGuard guard, Parts parts)
      throws InterruptedException {
    TopicIds ids = new TopicIds(parts.file());
    try {
      GapCheck gaps = new GapCheck(parts.file(), settings, ids);
      Start start = new StartingPoint(settings, parts, gaps, guard).find();
      return new PostgresRun(settings, parts, ids, gaps, start);
    } catch (RuntimeException | InterruptedException e) {
      ids.close();
      throw e;
    }
  }

  private static TableSnapshots snapshots(CdcSettings settings, Parts parts, Start start) {
    try (Connection connection = settings.database().connect()) {
      Map<String, String> shapes = new LinkedHashMap<>();
      for (CapturedTable table : parts.tables()) {
        shapes.put(table.name(), TableShape.read(connection, table.from()).toString());
      }
      long written = ReplicationSlot.insertLsn(connection);
      return new TableSnapshots(
          (table, after, condition, _) ->
              new SnapshotRound(table, new PostgresRound(settings, table, after, condition)),
          parts.topics(),
          parts.rows(),
          TableSnapshots.states(parts, start, shapes),
          TableSnapshots.asked(parts, start),
          parts.desk(),
          reached -> Lsn.of(reached) >= written);
    } catch (SQLException e) {
      throw new IllegalStateException(
          "The columns of the tables at %s could not be read: %s"
              .formatted(settings.database(), e.getMessage()),
          e);
    }
  }

  @Override
  public Start start() {
    return start;
  }

  @Override
  public List<CapturedTable> tables() {
    return parts.tables();
  }

  @Override
  public TableSnapshots snapshots() {
    return snapshots;
  }

  @Override
  public void streaming() {
    watch.start();
  }

  /** From time to time looks whether changes are left out. */
  @Override
  public boolean holds() throws InterruptedException {
    if (System.nanoTime() - checkedNanos < CHECK.toNanos()) {
      return true;
    }
    try (Connection connection = settings.database().connect()) {
      boolean holds = gaps.holds(start.offset().footing(), connection);
      checkedNanos = System.nanoTime();
      return holds;
    } catch (SQLException e) {
      throw new IllegalStateException("The publication could not be read", e);
    }
  }

  /** Debezium makes a new slot when it finds none. */
  @Override
  public boolean isReplaced() {
    try (Connection connection = settings.database().connect()) {
      return settings.slot().missing(connection, parts.log().committed().orElseThrow()).isPresent();
    } catch (SQLException e) {
      throw new IllegalStateException("The replication slot could not be read", e);
    }
  }

  @Override
  public void close() {
    watch.close();
    snapshots.close();
    ids.close();
  }
}
