package io.millrace.local.lake;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import io.millrace.schemas.SourceMetadata;
import io.millrace.sink.lake.LakeCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/**
 * Where a binary log is cut. All changes of one transaction have its place, but each has the time
 * of its statement: so the cut is before the first transaction with a change that is later, or
 * behind the last one that is known.
 */
final class BinlogCut {
  private static final int TRANSACTION_DIGITS = 16;

  private final Instant time;
  private String last = "";
  private @Nullable String firstLater;

  private BinlogCut(Instant time) {
    this.time = time;
  }

  /** Which changes are before the cut. */
  static Expression upTo(PipelineFile pipeline, Source source, Instant time) {
    BinlogCut cut = new BinlogCut(time);
    Set<String> topics =
        source.tables().keySet().stream()
            .map(pipeline.topicNames()::changes)
            .collect(Collectors.toSet());
    try (LakeCatalog catalog = LakeCatalog.open(pipeline)) {
      for (LakeTable table : pipeline.lakeTables()) {
        if (table.content() == LakeTable.Content.CHANGES && topics.contains(table.topic())) {
          cut.scan(catalog, table);
        }
      }
    }
    return cut.firstLater == null
        ? Expressions.lessThanOrEqual(SourceMetadata.SOURCE_POS, cut.last + "-ffffffff")
        : Expressions.lessThan(SourceMetadata.SOURCE_POS, cut.firstLater);
  }

  private void scan(LakeCatalog catalog, LakeTable table) {
    try (CloseableIterable<Record> changes =
        IcebergGenerics.read(catalog.load(table))
            .select(SourceMetadata.SOURCE_TS, SourceMetadata.SOURCE_POS)
            .build()) {
      changes.forEach(this::take);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read lake table " + table.identifier(), e);
    }
  }

  private void take(Record change) {
    OffsetDateTime at = (OffsetDateTime) change.getField(SourceMetadata.SOURCE_TS);
    String transaction =
        change.getField(SourceMetadata.SOURCE_POS).toString().substring(0, TRANSACTION_DIGITS);
    if (transaction.compareTo(last) > 0) {
      last = transaction;
    }
    if (at.toInstant().isAfter(time)
        && (firstLater == null || transaction.compareTo(firstLater) < 0)) {
      firstLater = transaction;
    }
  }
}
