package io.millrace.cdc;

import java.time.Duration;
import java.util.List;

/** A run of a {@link PlainSource}. */
final class PlainRun implements SourceRun {
  private static final Duration CHECK = Duration.ofSeconds(5);

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
      Start start = new PlainStart(source, parts, ids).find();
      List<CapturedTable> tables =
          start.snapshot() == null ? PlainStart.readable(source, parts) : parts.tables();
      return new PlainRun(source, parts, tables, ids, start);
    } catch (RuntimeException | InterruptedException e) {
      ids.close();
      throw e;
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
    if (tables.size() < parts.tables().size()
        && PlainStart.readable(source, parts).size() > tables.size()) {
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
