package io.millrace.local.lake;

import io.millrace.local.StackException;
import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import io.millrace.schemas.SourceMetadata;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.lake.TableShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/**
 * The tables of the sources at one moment: each source's with all of the transactions that it had
 * committed by then, and nothing of the others. Played back from their changes in bronze, so any
 * moment will do since the tables were first read.
 */
public final class Cut implements LakeQuery.Tables {
  /** A transaction that has taken its time may not stand in PostgreSQL's log yet. */
  private static final Duration COMMITTING = Duration.ofSeconds(1);

  /** Schema of what tables are played back from. */
  private static final String CHANGES = "changes";

  private final PipelineFile pipeline;
  private final Instant time;
  private final Map<Source, Expression> conditions;

  private Cut(PipelineFile pipeline, Instant time, Map<Source, Expression> conditions) {
    this.pipeline = pipeline;
    this.time = time;
    this.conditions = conditions;
  }

  /**
   * Waits until the lake has all of a cut.
   *
   * @param time of the sources' clocks
   * @param progress told what is waited for, again and again
   * @throws StackException when that takes longer than {@code patience}
   */
  public static Cut at(
      PipelineFile pipeline, Instant time, Duration patience, Consumer<String> progress)
      throws InterruptedException {
    await(pipeline, time.plus(COMMITTING), patience, progress);
    Map<Source, Expression> conditions = new HashMap<>();
    boolean byPlace = false;
    for (Source source : pipeline.sources()) {
      if (source.connector().equals(Source.POSTGRESQL)) {
        conditions.put(source, upTo(time));
      } else {
        conditions.put(source, BinlogCut.upTo(pipeline, source, time));
        byPlace = true;
      }
    }
    if (byPlace) {
      // Of what came since the first wait, one table may have had its part and another not.
      await(pipeline, Instant.now(), patience, progress);
    }
    return new Cut(pipeline, time, conditions);
  }

  private static void await(
      PipelineFile pipeline, Instant time, Duration patience, Consumer<String> progress)
      throws InterruptedException {
    List<LakeTable> changes =
        pipeline.lakeTables().stream()
            .filter(table -> table.content() == LakeTable.Content.CHANGES)
            .toList();
    try (Arrival arrival = new Arrival(pipeline, progress)) {
      if (!arrival.awaitTime(changes, time, patience)) {
        throw new StackException(
            "the lake does not have all up to %s after %d s: 'status' tells which service is behind"
                .formatted(time, patience.toSeconds()));
      }
    }
  }

  /** All changes of a PostgreSQL transaction have the time of its commit. */
  private static Expression upTo(Instant time) {
    return Expressions.lessThanOrEqual(
        SourceMetadata.SOURCE_TS, time.atOffset(ZoneOffset.UTC).toString());
  }

  PipelineFile pipeline() {
    return pipeline;
  }

  @Override
  public void load(DuckSession session, LakeCatalog catalog, LakeTable table) throws SQLException {
    if (table.content() == LakeTable.Content.VIEW) {
      return;
    }
    LakeTable changes = changes(table);
    Table bronze = catalog.load(changes);
    if (table.equals(changes)) {
      load(session, bronze, table, table.namespace());
      return;
    }
    load(session, bronze, table, CHANGES);
    Table silver = catalog.load(table);
    String columns =
        DuckColumn.all(silver.schema()).stream()
            .map(DuckColumn::quoted)
            .collect(Collectors.joining(", "));
    String relation = quoted(CHANGES, table);
    session.execute(
        "CREATE VIEW %s AS SELECT %s FROM (%s)"
            .formatted(
                quoted(table.namespace(), table),
                columns,
                table.isUpserted()
                    ? Playback.sql(relation, silver.schema().identifierFieldNames())
                    : "SELECT * FROM " + relation));
  }

  private void load(DuckSession session, Table bronze, LakeTable table, String schema)
      throws SQLException {
    Expression condition = Objects.requireNonNull(conditions.get(source(table)));
    long rows =
        session.load(bronze, condition, schema, table.name(), DuckColumn.all(bronze.schema()));
    if (rows == 0 && wasRead(bronze)) {
      throw new StackException(
          "%s was read from the source for the first time after %s: a cut can be no earlier"
              .formatted(table.identifier(), time));
    }
  }

  /** Whether it had rows when it was read for the first time. */
  private static boolean wasRead(Table bronze) {
    try (CloseableIterable<Record> read =
        IcebergGenerics.read(bronze).where(Expressions.equal(TableShape.OP, "r")).build()) {
      return read.iterator().hasNext();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read lake table " + bronze.name(), e);
    }
  }

  private LakeTable changes(LakeTable table) {
    return pipeline.lakeTables().stream()
        .filter(other -> other.content() == LakeTable.Content.CHANGES)
        .filter(other -> other.topic().equals(table.topic()))
        .findFirst()
        .orElseThrow();
  }

  private Source source(LakeTable table) {
    return pipeline.sources().stream()
        .filter(
            source ->
                source.tables().keySet().stream()
                    .map(pipeline.topicNames()::changes)
                    .anyMatch(table.topic()::equals))
        .findFirst()
        .orElseThrow();
  }

  private static String quoted(String schema, LakeTable table) {
    return DuckColumn.quoted(schema) + "." + DuckColumn.quoted(table.name());
  }
}
