package io.millrace.runtime.streams;

import io.millrace.schemas.Row;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.kstream.KTable;
import org.jspecify.annotations.Nullable;

/**
 * The rows of an operator: a table, and the steps that its values still go through to become rows.
 * Scans, filters and projections only add steps; the join, aggregate or output above them runs them
 * all in one {@code mapValues}.
 *
 * <p>A row on which a step fails is no row: the table is as if the row did not exist, at every
 * evaluation and so for the old value too, and what was made of the key's row before is taken back.
 *
 * @param <V> values of the table: rows, or encoded records that hold one
 */
public final class RowTable<V> {
  private final Source<V> source;
  private final List<RowStep> steps;
  private final boolean fallible;
  private final int most;
  private final Schema row;

  private RowTable(Source<V> source, List<RowStep> steps, boolean fallible, Schema row) {
    this(source, steps, fallible, Integer.MAX_VALUE, row);
  }

  private RowTable(Source<V> source, List<RowStep> steps, boolean fallible, int most, Schema row) {
    this.source = source;
    this.steps = steps;
    this.fallible = fallible;
    this.most = most;
    this.row = row;
  }

  /**
   * What the steps start from.
   *
   * @param received the values are records of a topic as they were received
   * @param kept the table keeps its values in a store, or derives them from one, so that operators
   *     can have old values without a further store
   */
  record Source<V>(
      KTable<Row, V> table,
      Schema key,
      Serde<Row> keySerde,
      Serde<V> valueSerde,
      ValueReader<V> reader,
      boolean received,
      boolean kept) {}

  /** What a table's value says of its row. */
  @FunctionalInterface
  public interface ValueReader<V> {
    /**
     * The row that a value holds; null when it holds none.
     *
     * @throws RuntimeException where the row cannot be computed
     */
    @Nullable Row row(Row key, V value);
  }

  /** A table of {@code source}, without steps. */
  static <V> RowTable<V> of(Source<V> source, Schema row) {
    return new RowTable<>(source, List.of(), false, row);
  }

  /**
   * A table whose values are rows already, made of several, and which keeps them in no store. They
   * may be larger than each that they were made of.
   */
  static RowTable<Row> ofRows(
      KTable<Row, Row> table, Schema key, Serde<Row> keySerde, Schema row, Serde<Row> rowSerde) {
    return new RowTable<>(
        new Source<>(table, key, keySerde, rowSerde, (any, value) -> value, false, false),
        List.of(),
        true,
        row);
  }

  /**
   * A table with a state store whose values are not rows but make rows.
   *
   * @param key record of the table's keys
   * @param row record of what {@code reader} makes of the values
   */
  public static RowTable<Row> computed(
      KTable<Row, Row> table,
      Schema key,
      Serde<Row> keySerde,
      Serde<Row> valueSerde,
      Schema row,
      ValueReader<Row> reader) {
    return new RowTable<>(
        new Source<>(table, key, keySerde, valueSerde, reader, false, true), List.of(), true, row);
  }

  /**
   * This table with a further step, which may fail on a row.
   *
   * @param row schema of the rows after it
   */
  public RowTable<V> then(RowStep step, Schema row) {
    return with(step, row, true);
  }

  /** This table with a further step that cannot fail. */
  RowTable<V> thenSafely(RowStep step, Schema row) {
    return with(step, row, fallible);
  }

  private RowTable<V> with(RowStep step, Schema row, boolean fallible) {
    List<RowStep> more = new ArrayList<>(steps);
    more.add(step);
    return new RowTable<>(source, List.copyOf(more), fallible, row);
  }

  /**
   * This table, on whose rows the last step fails that are larger than a record may be. What no
   * step can fail on is never larger than the record that it came in.
   */
  RowTable<V> within(int bytes) {
    return fallible ? new RowTable<>(source, steps, true, bytes, row) : this;
  }

  Source<V> source() {
    return source;
  }

  /** Avro record of the key's columns. */
  public Schema key() {
    return source.key;
  }

  /** Avro record of the rows. */
  public Schema row() {
    return row;
  }

  /** Whether a step may fail on a row. */
  boolean fallible() {
    return fallible;
  }

  /**
   * The row that a value becomes; null when there is none.
   *
   * @throws RuntimeException where a step fails
   */
  @Nullable Row row(Row key, V value) {
    Row current = source.reader.row(key, value);
    for (int i = 0; current != null && i < steps.size(); i++) {
      current = steps.get(i).apply(current);
    }
    if (current != null && most < Integer.MAX_VALUE) {
      RowSize.check(key, current, most);
    }
    return current;
  }

  /** The row that a value becomes; null also where a step fails. */
  @Nullable Row rowOrNull(Row key, V value) {
    try {
      return row(key, value);
    } catch (RuntimeException e) {
      if (!PoisonRecordException.isToBlame(e)) {
        throw e;
      }
      return null;
    }
  }
}
