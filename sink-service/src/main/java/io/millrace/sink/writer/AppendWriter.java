package io.millrace.sink.writer;

import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.sink.lake.ParquetFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Writes a table that only grows: each change goes straight into the open file of its partition
 * value.
 */
final class AppendWriter implements TableWriter {
  /** Memory, not rows, is what an open file costs. */
  private static final int MOST_OPEN = 8;

  private static final int CHECK_SIZE_EVERY = 1000;

  private final Target target;
  private final int sourcePartition;
  private final LakeRow row = new LakeRow();
  private final Map<PartitionKey, DataWriter<StructLike>> open =
      new LinkedHashMap<>(16, 0.75f, true);
  private final List<WrittenFile> finished = new ArrayList<>();
  private @Nullable ParquetFiles files;
  private @Nullable PartitionOfRow partition;
  private @Nullable DataWriter<StructLike> current;
  private long targetSize;
  private int sinceCheck;

  AppendWriter(Target target, int sourcePartition) {
    this.target = target;
    this.sourcePartition = sourcePartition;
  }

  @Override
  public String table() {
    return target.name().identifier();
  }

  @Override
  public void check(Change change) {
    if (!change.isAppended()) {
      return;
    }
    requireAppend(change);
    Schema value = Objects.requireNonNull(change.valueSchema());
    if (target.fit(null, value)) {
      closeAll();
      files = null;
    }
    Row image = change.row();
    if (image != null) {
      target.mapping(image.getSchema()).check(image.values());
    }
  }

  @Override
  public void write(Change change, boolean isFirst) {
    if (!change.isAppended()) {
      return;
    }
    Row image = change.row();
    Schema imageSchema =
        image == null
            ? ChangeEvent.row(Objects.requireNonNull(change.valueSchema()))
            : image.getSchema();
    RowMapping mapping = target.mapping(imageSchema);
    @Nullable Object[] values =
        image == null ? new @Nullable Object[imageSchema.getFields().size()] : image.values();
    row.set(mapping, values, change.op().text(), change.sourceTs(), change.sourcePos());
    DataWriter<StructLike> writer = writer(row);
    writer.write(row);
    rollBySize(writer);
  }

  private void requireAppend(Change change) {
    boolean isChangeLog = target.name().content() == io.millrace.pipeline.LakeTable.Content.CHANGES;
    if (!isChangeLog && (change.isDelete() || change.op() == Change.Op.UPDATE)) {
      throw new SerializationException(
          "table %s is declared append_only, but the source changed a row (op '%s')"
              .formatted(target.name().name(), change.op()));
    }
  }

  private DataWriter<StructLike> writer(LakeRow at) {
    if (files == null) {
      Table table = target.table();
      files = new ParquetFiles(table, sourcePartition);
      partition = new PartitionOfRow(table);
      targetSize =
          PropertyUtil.propertyAsLong(
              table.properties(),
              TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
              TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
    }
    boolean moved = Objects.requireNonNull(partition).moveTo(at);
    if (current == null || moved) {
      PartitionKey value = partition.copy();
      current = open.get(value);
      if (current == null) {
        closeLeastRecent();
        current = files.data(files.spec().isUnpartitioned() ? null : value);
        open.put(value, current);
      }
    }
    return current;
  }

  private void closeLeastRecent() {
    if (open.size() >= MOST_OPEN) {
      Map.Entry<PartitionKey, DataWriter<StructLike>> eldest = open.entrySet().iterator().next();
      open.remove(eldest.getKey());
      close(eldest.getValue());
    }
  }

  private void rollBySize(DataWriter<StructLike> writer) {
    if (++sinceCheck >= CHECK_SIZE_EVERY) {
      sinceCheck = 0;
      if (writer.length() >= targetSize) {
        open.values().remove(writer);
        current = null;
        close(writer);
      }
    }
  }

  @Override
  public long buffered() {
    return 0;
  }

  @Override
  public WrittenEpoch finish() {
    closeAll();
    WrittenEpoch epoch = new WrittenEpoch(finished, List.of(), 0);
    finished.clear();
    return epoch;
  }

  private void closeAll() {
    open.values().forEach(this::close);
    open.clear();
    current = null;
  }

  private void close(DataWriter<StructLike> writer) {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    finished.add(WrittenFile.of(writer.toDataFile(), target.table()));
  }

  @Override
  public void abandon() {
    try {
      closeAll();
    } finally {
      finished.forEach(file -> target.table().io().deleteFile(file.location()));
      finished.clear();
    }
  }
}
