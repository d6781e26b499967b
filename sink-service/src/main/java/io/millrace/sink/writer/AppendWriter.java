package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
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
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Writes a table that only grows: each change goes straight into the open file of its partition
 * value, or waits for the end of the epoch where the layout wants it.
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
  private PartitionSpec spec = PartitionSpec.unpartitioned();
  private boolean gathers;
  private final List<Change> gathered = new ArrayList<>();
  private long buffered;
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
    if (isGathered()) {
      gathered.add(change);
      buffered += change.heap();
      return;
    }
    RowFiles.show(change, target, row);
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

  /**
   * Whether rows wait for the end of the epoch. As they come they are in no order, and the values
   * of any column but their source's time may need as many open files as there are.
   */
  private boolean isGathered() {
    if (files == null) {
      open(target.table());
    }
    return gathers;
  }

  private void open(Table table) {
    files = new ParquetFiles(table, sourcePartition);
    partition = new PartitionOfRow(table);
    spec = table.spec();
    Types.NestedField time = table.schema().findField(SourceMetadata.SOURCE_TS);
    gathers =
        table.sortOrder().isSorted()
            || spec.fields().stream().anyMatch(field -> field.sourceId() != time.fieldId());
    targetSize =
        PropertyUtil.propertyAsLong(
            table.properties(),
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
  }

  private DataWriter<StructLike> writer(LakeRow at) {
    boolean moved = Objects.requireNonNull(partition).moveTo(at);
    if (current == null || moved) {
      PartitionKey value = partition.copy();
      current = open.get(value);
      if (current == null) {
        closeLeastRecent();
        current = Objects.requireNonNull(files).data(spec, value, SortOrder.unsorted());
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
    return buffered;
  }

  @Override
  public WrittenEpoch finish() {
    closeAll();
    if (!gathered.isEmpty()) {
      writeGathered();
    }
    WrittenEpoch epoch = new WrittenEpoch(finished, List.of(), 0);
    finished.clear();
    return epoch;
  }

  private void writeGathered() {
    Table table = target.table();
    RowFiles<Change> rows =
        new RowFiles<>(target, new ParquetFiles(table, sourcePartition), change -> change);
    rows.arrange(gathered)
        .forEach((value, group) -> finished.add(WrittenFile.of(rows.write(value, group), table)));
    forgetGathered();
  }

  private void forgetGathered() {
    gathered.clear();
    buffered = 0;
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
    forgetGathered();
    try {
      closeAll();
    } finally {
      finished.forEach(file -> target.table().io().deleteFile(file.location()));
      finished.clear();
    }
  }
}
