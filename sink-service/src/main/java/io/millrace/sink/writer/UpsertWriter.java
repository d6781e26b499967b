package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import io.millrace.sink.commit.ProtocolViolationException;
import io.millrace.sink.writer.VectoredUpserts.Indexed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Writes a table keyed by the records' key. Keeps the last change of each key until the epoch ends,
 * so that an epoch never holds two rows of a key; {@link UpsertFiles} are what it comes to.
 */
final class UpsertWriter implements TableWriter {
  private final Target target;
  private final int sourcePartition;
  private final @Nullable Indexed index;
  private final KeyCheck keys = new KeyCheck();
  private final Map<Bytes, LastChange> rows = new HashMap<>();
  private final List<WrittenFile> finished = new ArrayList<>();
  private long buffered;

  /**
   * A writer.
   *
   * @param index of the partition's keys; null when the table is not to have deletion vectors
   */
  UpsertWriter(Target target, int sourcePartition, @Nullable Indexed index) {
    this.target = target;
    this.sourcePartition = sourcePartition;
    this.index = index;
  }

  @Override
  public String table() {
    return target.name().identifier();
  }

  @Override
  public void check(Change change) {
    Row key = Objects.requireNonNull(change.key());
    keys.check(key);
    if (change.valueSchema() != null) {
      target.fit(key.getSchema(), change.valueSchema());
    }
    Row row = change.row();
    if (row != null && !change.isDelete()) {
      keys.checkSame(key, row);
      target.mapping(row.getSchema()).check(row.values());
    }
  }

  @Override
  public void write(Change change, boolean isFirst) {
    Bytes identity = Objects.requireNonNull(change.identity());
    LastChange before = rows.get(identity);
    rows.put(
        identity, before == null ? LastChange.first(change, isFirst) : before.followedBy(change));
    if (before == null) {
      buffered += change.heap();
    }
  }

  @Override
  public long buffered() {
    return buffered;
  }

  @Override
  public WrittenEpoch finish() {
    UpsertFiles.Gone gone = rows.isEmpty() ? UpsertFiles.Gone.NOTHING : files().write(rows);
    rows.clear();
    buffered = 0;
    WrittenEpoch epoch = new WrittenEpoch(finished, gone.files(), gone.deletes());
    finished.clear();
    return epoch;
  }

  private UpsertFiles files() {
    return target.hasDeletionVectors()
        ? new VectoredUpserts(target, sourcePartition, finished, requireIndex())
        : new EqualityUpserts(target, sourcePartition, finished);
  }

  private Indexed requireIndex() {
    Indexed known = index;
    if (known == null) {
      throw new ProtocolViolationException(
          "lake table %s has format 3 and the pipeline file says 2: remove format_version from it"
              .formatted(table()));
    }
    return known;
  }

  @Override
  public void abandon() {
    rows.clear();
    buffered = 0;
    finished.forEach(file -> target.table().io().deleteFile(file.location()));
    finished.clear();
  }
}
