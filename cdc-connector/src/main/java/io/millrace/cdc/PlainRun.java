package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A run of a {@link PlainSource}. */
final class PlainRun implements SourceRun {
  private static final Duration CHECK = Duration.ofSeconds(5);
  private static final String REMEDY =
      ". Changes are missing: start a pipeline under a new name (it takes a new snapshot).";

  private final PlainSource source;
  private final Parts parts;
  private final List<CapturedTable> tables;
  private final TopicIds ids;
  private final Start start;
  private final TableSnapshots snapshots;
  private long checkedNanos = System.nanoTime();

  private PlainRun(
      PlainSource source, Parts parts, List<CapturedTable> tables, TopicIds ids, Start start) {
    this.source = source;
    this.parts = parts;
    this.tables = tables;
    this.ids = ids;
    this.start = start;
    this.snapshots = TableSnapshots.of(source.rounds(), parts.of(tables), start);
  }

  static PlainRun begin(PlainSource source, Parts parts) throws InterruptedException {
    TopicIds ids = new TopicIds(parts.file());
    try {
      List<CapturedTable> tables = readable(source, parts);
      Start start = start(source, parts.of(tables), ids);
      return new PlainRun(source, parts, tables, ids, start);
    } catch (RuntimeException | InterruptedException e) {
      ids.close();
      throw e;
    }
  }

  private static List<CapturedTable> readable(PlainSource source, Parts parts) {
    return parts
        .log()
        .committed()
        .map(
            offset ->
                parts.tables().stream()
                    .filter(table -> source.isReadable(table.from(), offset))
                    .toList())
        .orElse(parts.tables());
  }

  private static Start start(PlainSource source, Parts parts, TopicIds ids)
      throws InterruptedException {
    Optional<SourceOffset> committed = parts.log().committed();
    SortedMap<String, String> captured = parts.captured();
    SortedMap<String, String> topics = ids.now();
    if (committed.isPresent()) {
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
  public List<CapturedTable> tables() {
    return tables;
  }

  @Override
  public TableSnapshots snapshots() {
    return snapshots;
  }

  @Override
  public void streaming() {}

  @Override
  public boolean holds() throws InterruptedException {
    if (tables.size() < parts.tables().size() && readable(source, parts).size() > tables.size()) {
      return false;
    }
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
