package io.millrace.cdc;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table read again, whole or in part, while its changes go on.
 *
 * <p>It begins when the stream has all that was committed when it was asked for. From then on it
 * remembers which rows the stream changes; then it takes a {@link SnapshotRound}, and when the
 * stream has come to the round's moment, the round's rows go between the source's transactions into
 * the topic, except those that the stream changed since: it knows better. So a row stands in the
 * topic behind every change that it holds, and before every change that it does not. Their {@code
 * _source_pos} says so too, see {@link SnapshotRound.Place#position}.
 *
 * <p>At the end, a row of the topic that was neither read nor changed since is not there any more,
 * and is deleted. With a condition no row is: those that do not meet it were not looked at.
 *
 * <p>Used by the thread that writes.
 */
final class TableSnapshot implements RunningSnapshot {
  private static final Logger LOG = LoggerFactory.getLogger(TableSnapshot.class);

  /** Rounds can be of the same place, and of the one where all tables were read at first. */
  private static final long FIRST_NUMBER = 1L << 31;

  private final SnapshotRound.Starter rounds;
  private final ChangeTopic topic;
  private final LiveKeys rows;
  private final Predicate<SourceOffset> barrier;
  private final @Nullable String condition;
  private TableState.Progress progress;
  private KeyOffsets changed = new KeyOffsets();

  /** Rows of an append-only table that the topic has, and rows without a form. */
  private final KeyOffsets left = new KeyOffsets();

  private @Nullable SnapshotRound round;
  private @Nullable ChangeEncoder encoder;
  private long number;

  /**
   * A snapshot to be taken or gone on with.
   *
   * @param barrier whether the stream has come to where it can begin
   * @param condition which rows are wanted, in SQL; null: all
   */
  TableSnapshot(
      SnapshotRound.Starter rounds,
      ChangeTopic topic,
      LiveKeys rows,
      Predicate<SourceOffset> barrier,
      @Nullable String condition,
      TableState.Progress progress) {
    this.rounds = rounds;
    this.topic = topic;
    this.rows = rows;
    this.barrier = barrier;
    this.condition = condition;
    this.progress = progress;
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
  public @Nullable String refusal() {
    return round == null ? null : round.refusal();
  }

  @Override
  public void changed(byte[] key) {
    if (round != null) {
      changed.alive(key, 0);
    }
  }

  @Override
  public Turn turn(SourceOffset reached, Output output) {
    SnapshotRound running = round;
    if (running == null) {
      return barrier.test(reached) ? begin(reached) : Turn.NOTHING;
    }
    if (running.refusal() != null) {
      return Turn.REFUSED;
    }
    SnapshotRound.Place place = running.place();
    if (place == null || !place.reached().test(reached)) {
      return Turn.NOTHING;
    }
    String shape = place.shape();
    if (progress.shape() == null) {
      progress = progress.shaped(shape, place.estimate());
    } else if (!progress.shape().equals(shape)) {
      return Turn.CHANGED;
    }
    SnapshotRound.Chunk chunk = running.poll();
    if (chunk == null) {
      return Turn.NOTHING;
    }
    write(chunk, place, output);
    return switch (chunk.next()) {
      case MORE -> Turn.MORE;
      case ROUND -> {
        startRound(reached);
        yield Turn.MORE;
      }
      case NOTHING -> {
        if (condition == null) {
          deleteVanished(place, output);
        }
        yield Turn.DONE;
      }
    };
  }

  private Turn begin(SourceOffset reached) {
    if (progress.marks().isEmpty()) {
      progress =
          progress.begun(
              rows.ends(topic.topic()), ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
    }
    if (topic.table().appendOnly()) {
      // Sent again, a row would be appended again.
      rows.forEach(topic.topic(), Map.of(), row -> left.alive(row.key(), row.offset()));
    }
    startRound(reached);
    LOG.info(
        "Snapshot of table {} begins{}",
        topic.table().name(),
        progress.after().isEmpty() ? "" : ", behind its first " + progress.rows() + " rows");
    return Turn.MORE;
  }

  private void startRound(SourceOffset reached) {
    close();
    changed = new KeyOffsets();
    encoder = null;
    number = FIRST_NUMBER + progress.rows() % (FIRST_NUMBER / 2);
    round = rounds.start(topic.table(), progress.after(), condition, reached);
  }

  private void write(SnapshotRound.Chunk chunk, SnapshotRound.Place place, Output output) {
    ChangeEncoder writing = encoder;
    if (writing == null) {
      writing = topic.encoder(place.columns());
      encoder = writing;
    }
    for (SnapshotRound.Row row : chunk.rows()) {
      byte[] key = key(writing, row);
      if (key != null && (changed.contains(key) || left.contains(key))) {
        continue;
      }
      number++;
      if (!output.row(topic, writing, row, change(place, row, output)) && key != null) {
        left.alive(key, 0);
      }
    }
    if (!chunk.rows().isEmpty()) {
      progress = progress.reached(chunk.lastKey(), chunk.rows().size());
    }
  }

  private static byte @Nullable [] key(ChangeEncoder encoder, SnapshotRound.Row row) {
    try {
      return encoder.key(row.key());
    } catch (UnrepresentableValueException e) {
      return null;
    }
  }

  private Change change(SnapshotRound.Place place, SnapshotRound.@Nullable Row row, Output output) {
    return change(place, row, output, number);
  }

  /** The change by which a row of a round is told of; without a row, of the round as a whole. */
  static Change change(
      SnapshotRound.Place place, SnapshotRound.@Nullable Row row, Output output, long number) {
    return new Change(
        "r",
        null,
        row == null ? null : row.values(),
        System.currentTimeMillis(),
        Change.Phase.SNAPSHOT,
        place.micros(),
        place.position(),
        place.position() + output.base(),
        number,
        null,
        null);
  }

  private void deleteVanished(SnapshotRound.Place place, Output output) {
    if (topic.table().appendOnly()) {
      return;
    }
    RowDeletions deletions =
        new RowDeletions(
            topic, change(place, null, output), number + 1, record -> output.send(record, topic));
    rows.forEachBefore(topic.topic(), progress.marks(), row -> delete(row, deletions));
    if (deletions.next() > number + 1) {
      LOG.info(
          "Snapshot of table {}: {} rows of its topic are not in the table, and are deleted",
          topic.table().name(),
          deletions.next() - number - 1);
    }
  }

  private void delete(ConsumerRecord<byte[], byte[]> row, RowDeletions deletions) {
    if (!left.contains(row.key())) {
      deletions.accept(row);
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
