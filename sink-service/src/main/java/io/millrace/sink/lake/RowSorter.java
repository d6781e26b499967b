package io.millrace.sink.lake;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Files;
import org.apache.iceberg.InternalData;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.SortOrderComparators;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.util.SortedMerge;

/**
 * Sorts rows, of which it holds few at a time: what is more waits, sorted, in files under {@code
 * java.io.tmpdir} that are merged in the end. Not thread-safe.
 */
public final class RowSorter implements Closeable {
  /** Bytes of heap, about. */
  private static final long MOST = 16L << 20;

  private static final int PER_ROW = 64;
  private static final int PER_COLUMN = 24;

  private final Schema schema;
  private final Comparator<StructLike> order;
  private final long most;
  private final List<StructLike> rows = new ArrayList<>();
  private final List<File> files = new ArrayList<>();
  private long held;

  /** Sorts rows of a schema. */
  public RowSorter(Schema schema, SortOrder order) {
    this(schema, order, MOST);
  }

  RowSorter(Schema schema, SortOrder order, long most) {
    this.schema = schema;
    this.order = SortOrderComparators.forSchema(schema, order);
    this.most = most;
  }

  /** Takes a row, which nobody may change any more. */
  public void add(StructLike row) {
    rows.add(row);
    held += size(row);
    if (held > most) {
      spill();
    }
  }

  private static long size(StructLike row) {
    long size = PER_ROW;
    for (int i = 0; i < row.size(); i++) {
      size += PER_COLUMN;
      switch (row.get(i, Object.class)) {
        case CharSequence text -> size += text.length();
        case ByteBuffer bytes -> size += bytes.remaining();
        case null, default -> {}
      }
    }
    return size;
  }

  private void spill() {
    try {
      File file = File.createTempFile("millrace-sort", ".avro");
      files.add(file);
      FileAppender<StructLike> appender =
          InternalData.write(FileFormat.AVRO, Files.localOutput(file))
              .schema(schema)
              .named("row")
              .set(TableProperties.AVRO_COMPRESSION, "zstd")
              .overwrite()
              .build();
      try (appender) {
        rows.sort(order);
        appender.addAll(rows);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write rows to " + files.getLast(), e);
    }
    rows.clear();
    held = 0;
  }

  /** All rows in order, once. */
  public CloseableIterable<StructLike> sorted() {
    rows.sort(order);
    List<CloseableIterable<StructLike>> parts = new ArrayList<>();
    parts.add(CloseableIterable.withNoopClose(rows));
    for (File file : files) {
      parts.add(InternalData.read(FileFormat.AVRO, Files.localInput(file)).project(schema).build());
    }
    return new SortedMerge<>(order, parts);
  }

  @Override
  public void close() {
    rows.clear();
    for (File file : files) {
      if (!file.delete()) {
        file.deleteOnExit();
      }
    }
  }
}
