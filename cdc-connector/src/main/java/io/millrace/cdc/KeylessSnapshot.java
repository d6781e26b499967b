package io.millrace.cdc;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table without a key that came into the file when others had been captured already. Nothing
 * tells whether a row of the table is one of the stream, so both are told apart by transactions:
 * the rows are of one moment, of which the database says which transactions it holds; what these
 * inserted is left out of the stream, and so is all of the table before.
 *
 * <p>It cannot go on where it was broken off either. So while the stream waits, all rows go into
 * one Kafka transaction, which ends when the stream has come to the moment.
 *
 * <p>Used by the thread that writes.
 */
final class KeylessSnapshot implements RunningSnapshot {
  private static final Logger LOG = LoggerFactory.getLogger(KeylessSnapshot.class);
  private static final long PAUSE_MILLIS = 5;

  private final SnapshotRound.Starter rounds;
  private final ChangeTopic topic;
  private final LiveKeys rows;
  private final Predicate<SourceOffset> barrier;
  private TableState.Progress progress;
  private @Nullable SnapshotRound round;
  private SnapshotRound.@Nullable Place place;

  /**
   * A snapshot to be taken.
   *
   * @param barrier whether the stream has come to where it can begin
   */
  KeylessSnapshot(
      SnapshotRound.Starter rounds,
      ChangeTopic topic,
      LiveKeys rows,
      Predicate<SourceOffset> barrier,
      TableState.Progress progress) {
    this.rounds = rounds;
    this.topic = topic;
    this.rows = rows;
    this.barrier = barrier;
    this.progress = progress;
  }

  /**
   * Checks that the topic of a table without a key has no rows, so that all of the table can be
   * read into it.
   *
   * @throws IllegalStateException when it has
   */
  static void requireEmpty(ChangeTopic topic, LiveKeys rows) {
    AtomicLong found = new AtomicLong();
    rows.forEach(topic.topic(), Map.of(), row -> found.incrementAndGet());
    if (found.get() > 0) {
      throw new IllegalStateException(
          "Table %s has no key, so it cannot be told which of its rows are among the %d of topic %s:"
                  .formatted(topic.table().from(), found.get(), topic.topic())
              + " give it another name in source.tables; it is read into a topic and lake tables"
              + " of that name");
    }
  }

  @Override
  public ChangeTopic topic() {
    return topic;
  }

  @Override
  public TableState.Progress progress() {
    return progress;
  }

  @Override
  public boolean isHolding() {
    return place != null;
  }

  /** Before the moment is known, all there is comes before it. */
  @Override
  public boolean leavesOut(Change change) {
    return place == null
        || Objects.requireNonNull(place.holds())
            .test(Objects.requireNonNull(change.transactionId()));
  }

  @Override
  public Turn turn(SourceOffset reached, Output output) {
    SnapshotRound.Place moment = place;
    if (moment != null) {
      return moment.reached().test(reached) ? Turn.DONE : Turn.NOTHING;
    }
    if (!barrier.test(reached)) {
      return Turn.NOTHING;
    }
    requireEmpty(topic, rows);
    LOG.info(
        "Snapshot of table {} begins: the stream waits for it, as it has no key",
        topic.table().name());
    progress = progress.begun(Map.of(), ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
    SnapshotRound reading = rounds.start(topic.table(), progress.after(), null, reached);
    round = reading;
    readAll(reading, output);
    return Turn.MORE;
  }

  private void readAll(SnapshotRound reading, Output output) {
    while (reading.place() == null) {
      pause();
    }
    SnapshotRound.Place moment = Objects.requireNonNull(reading.place());
    place = moment;
    progress = progress.shaped(moment.shape(), moment.estimate());
    ChangeEncoder encoder = topic.encoder(moment.columns());
    long number = 0;
    while (true) {
      SnapshotRound.Chunk chunk = reading.poll();
      if (chunk == null) {
        pause();
        continue;
      }
      for (SnapshotRound.Row row : chunk.rows()) {
        number++;
        output.row(topic, encoder, row, TableSnapshot.change(moment, row, output, number));
      }
      progress = progress.reached(chunk.lastKey(), chunk.rows().size());
      if (chunk.next() == SnapshotRound.Next.NOTHING) {
        return;
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  @Override
  public void close() {
    if (round != null) {
      round.close();
      round = null;
    }
  }
}
