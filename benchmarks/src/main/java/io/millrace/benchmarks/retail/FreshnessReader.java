package io.millrace.benchmarks.retail;

import io.millrace.benchmarks.lake.LakeWatch;
import io.millrace.benchmarks.measure.Latencies;
import io.millrace.schemas.SourceMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.parquet.Parquet;

/**
 * How long rows took from their commit in the source to a reader of the lake, by the rows
 * themselves: each says when the source committed it, and {@link LakeWatch} saw when the snapshot
 * that added it became visible.
 */
final class FreshnessReader {
  private final long from;
  private final long to;

  /**
   * A reader of rows that the source committed in a time.
   *
   * @param from milliseconds since the epoch
   * @param to milliseconds since the epoch, exclusive
   */
  FreshnessReader(long from, long to) {
    this.from = from;
    this.to = to;
  }

  /** Whether a snapshot that became visible then can hold such rows. */
  boolean mayConcern(long visibleAt) {
    return visibleAt >= from;
  }

  /** Adds what the rows took that a snapshot added. */
  void read(Table table, LakeWatch.Visible visible, Latencies latencies) {
    Schema column = table.schema().select(SourceMetadata.SOURCE_TS);
    SnapshotChanges changes =
        SnapshotChanges.builderFor(table).snapshot(visible.snapshot()).build();
    for (DataFile file : changes.addedDataFiles()) {
      try (CloseableIterable<Record> rows =
          Parquet.read(table.io().newInputFile(file.location()))
              .project(column)
              .createReaderFunc(schema -> GenericParquetReaders.buildReader(column, schema))
              .build()) {
        rows.forEach(row -> add((OffsetDateTime) row.get(0), visible.at(), latencies));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file.location(), e);
      }
    }
  }

  private void add(OffsetDateTime committed, long visibleAt, Latencies latencies) {
    long at = ChronoUnit.MILLIS.between(Instant.EPOCH, committed);
    if (at >= from && at < to) {
      latencies.add(visibleAt - at);
    }
  }
}
