package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A run of a {@link PlainSource}. */
final class PlainRun implements SourceRun {
  private static final Duration CHECK = Duration.ofSeconds(5);
  private static final String REMEDY =
      ". Changes are missing: start a pipeline under a new name (it takes a new snapshot).";

  private final TopicIds ids;
  private final Start start;
  private final TableSnapshots snapshots;
  private long checkedNanos = System.nanoTime();

  private PlainRun(TopicIds ids, Start start, TableSnapshots snapshots) {
    this.ids = ids;
    this.start = start;
    this.snapshots = snapshots;
  }

  static PlainRun begin(PlainSource source, Parts parts) throws InterruptedException {
    TopicIds ids = new TopicIds(parts.file());
    try {
      Start start = start(source, parts, ids);
      return new PlainRun(ids, start, TableSnapshots.of(source.rounds(), parts, start));
    } catch (RuntimeException | InterruptedException e) {
      ids.close();
      throw e;
    }
  }

  private static Start start(PlainSource source, Parts parts, TopicIds ids)
      throws InterruptedException {
    Optional<SourceOffset> committed = parts.log().committed();
    SortedMap<String, String> captured = parts.captured();
    SortedMap<String, String> topics = ids.now();
    if (committed.isPresent()) {
      refuseNewTables(committed.get(), captured);
      refuseNewTopics(committed.get(), topics);
    } else {
      refuseLostOffset(parts.file());
    }
    String system = source.prepare(committed);
    return new Start(
        new SourceOffset(
            new TreeMap<>(), 0, captured, new Footing(system, 0, new TreeMap<>(), topics), 0),
        committed.isPresent() ? null : FullSnapshot.initial(parts.rows()));
  }

  private static void refuseNewTables(SourceOffset committed, SortedMap<String, String> captured) {
    captured.forEach(
        (name, from) -> {
          if (!from.equals(committed.tables().get(name))) {
            throw new IllegalStateException(
                "Table %s (%s) was added after the initial snapshot, and a snapshot of one"
                        .formatted(name, from)
                    + " table cannot be taken yet: remove it from source.tables, or start a"
                    + " pipeline under a new name");
          }
        });
  }

  private static void refuseNewTopics(SourceOffset committed, SortedMap<String, String> topics) {
    committed
        .footing()
        .topics()
        .forEach(
            (table, id) -> {
              if (!id.equals(topics.getOrDefault(table, id))) {
                throw new IllegalStateException(
                    "The change topic of table %s was deleted and created anew".formatted(table)
                        + REMEDY);
              }
            });
  }

  /** A snapshot on top of rows would not delete those that vanished meanwhile. */
  private static void refuseLostOffset(PipelineFile file) {
    if (HighestPosition.of(file).isPresent()) {
      throw new IllegalStateException(
          "Topic %s has no offset, though the change topics hold changes: it was deleted or emptied"
                  .formatted(CdcTopics.offsets(file))
              + REMEDY);
    }
  }

  @Override
  public Start start() {
    return start;
  }

  @Override
  public TableSnapshots snapshots() {
    return snapshots;
  }

  @Override
  public void streaming() {}

  @Override
  public boolean holds() throws InterruptedException {
    if (System.nanoTime() - checkedNanos < CHECK.toNanos()) {
      return true;
    }
    boolean holds = ids.now().equals(start.offset().footing().topics());
    checkedNanos = System.nanoTime();
    return holds;
  }

  @Override
  public boolean isReplaced() {
    return false;
  }

  @Override
  public void close() {
    snapshots.close();
    ids.close();
  }
}
