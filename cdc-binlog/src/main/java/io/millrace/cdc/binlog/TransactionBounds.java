package io.millrace.cdc.binlog;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Brings the records of Debezium's binlog connectors into the form that a {@link
 * io.millrace.cdc.SourceReader} promises.
 *
 * <ul>
 *   <li>Every transaction begins and ends. A statement that changes a table's definition, TRUNCATE
 *       too, is a transaction by itself that Debezium only begins with MariaDB, and with MySQL not
 *       even that.
 *   <li>The offset of each END is the {@link BinlogPlace} after the transaction. Debezium's is the
 *       one before it, and a number of events to skip.
 *   <li>One record more says that the snapshot is complete, as soon as it is.
 *   <li>Heartbeats say how far the log was read when nothing came of it.
 * </ul>
 *
 * <p>A client that has lost its connection asks again for the transactions it has not seen whole,
 * and Debezium takes them for new ones: that is refused here, and the next run begins anew.
 */
final class TransactionBounds {
  private static final String TIME = "ts_usec";
  private static final String STATUS = "status";
  private static final String ID = "id";
  private static final String SOURCE = "source";
  private static final String TRANSACTION = "transaction";
  private static final String MILLIS = "ts_ms";

  /** How the names of Debezium's topics of heartbeats begin. */
  static final String HEARTBEAT = "__debezium-heartbeat";

  /** Of a transaction that Debezium does not begin. */
  private static final Schema BOUNDARY =
      SchemaBuilder.struct()
          .name("io.millrace.Boundary")
          .field(STATUS, Schema.STRING_SCHEMA)
          .field(ID, Schema.STRING_SCHEMA)
          .field(MILLIS, Schema.INT64_SCHEMA)
          .build();

  private final String transactionTopic;
  private final String schemaTopic;
  private final GtidSets sets;
  private boolean snapshot;
  private BinlogPlace place;

  /** A BEGIN that is held back until something happens in its transaction. */
  private @Nullable SourceRecord held;

  /** The BEGIN of the transaction that is open. */
  private @Nullable SourceRecord begun;

  /**
   * Bounds of what is read from a place on.
   *
   * @param prefix of Debezium's topics
   * @param start null when a snapshot comes first
   */
  TransactionBounds(String prefix, GtidSets sets, @Nullable BinlogPlace start) {
    this.transactionTopic = prefix + ".transaction";
    this.schemaTopic = prefix;
    this.sets = sets;
    this.snapshot = start == null;
    this.place =
        start == null
            ? new BinlogPlace("", new BinlogPosition(".0", 0), "")
            : start.joining(List.of());
  }

  static long micros(SourceRecord record) {
    return record.sourceOffset().get(TIME) instanceof Long value ? value : 0;
  }

  static boolean isWithinSnapshot(SourceRecord record) {
    return record.sourceOffset().get("snapshot") != null;
  }

  /**
   * Takes a record of Debezium's.
   *
   * @param out is given what it stands for, in order
   */
  void accept(SourceRecord record, List<SourceRecord> out) {
    if (snapshot) {
      if (isRow(record)) {
        out.add(record);
      }
      if (isWithinSnapshot(record)) {
        return;
      }
      snapshot = false;
      place = new BinlogPlace(gtids(record), position(record), "");
      out.add(withPlace(record, 0, null));
      if (isRow(record)) {
        return;
      }
    }
    if (record.topic().equals(transactionTopic)) {
      if ("BEGIN".equals(((Struct) record.value()).getString(STATUS))) {
        begin(record);
      } else {
        end(out);
      }
    } else if (record.topic().equals(schemaTopic)) {
      definition(record, out);
    } else if (isRow(record)) {
      row(record, out);
    } else if (record.topic().startsWith(HEARTBEAT)) {
      pulse(record, out);
    }
  }

  /** Up to where everything was given. */
  BinlogPlace place() {
    return place;
  }

  /** Whether a record can say now that the source is complete. */
  boolean isBetweenTransactions() {
    return !snapshot && begun == null;
  }

  /** Says that the source is complete, and that tables join there. */
  SourceRecord join(Collection<String> tables) {
    place = place.joining(tables);
    return withPlace(new SourceRecord(Map.of(), Map.of(), schemaTopic, null, null), 0, null);
  }

  private void pulse(SourceRecord record, List<SourceRecord> out) {
    BinlogPlace reached = begun == null ? place.passing(position(record)) : place;
    if (!reached.equals(place)) {
      place = reached;
      out.add(withPlace(record, 0, null));
    }
  }

  private static boolean isRow(SourceRecord record) {
    Schema schema = record.valueSchema();
    return schema != null && schema.field("op") != null && schema.field("after") != null;
  }

  private void begin(SourceRecord record) {
    String id = id(record);
    if (begun != null) {
      if (id(begun).equals(id)) {
        throw repeated(id);
      }
      throw new IllegalStateException(
          "Transaction %s has rows and no end: XA transactions cannot be captured"
              .formatted(id(begun)));
    } else if (held != null) {
      advance(held);
    }
    pass(record);
    if (sets.contains(place.gtids(), id)) {
      throw repeated(id);
    }
    held = record;
  }

  private void pass(SourceRecord record) {
    place = place.behind(sets.including(place.gtids(), gtids(record)), place.begin(), place.last());
  }

  private static ConnectionLostException repeated(String id) {
    return new ConnectionLostException(
        "The connection was lost, and transaction " + id + " came a second time");
  }

  private void end(List<SourceRecord> out) {
    open(out);
    if (begun != null) {
      finish(begun, out);
    }
  }

  private void row(SourceRecord record, List<SourceRecord> out) {
    Struct value = (Struct) record.value();
    boolean truncate = "t".equals(value.getString("op"));
    if (truncate && isAlone()) {
      value.put(TRANSACTION, first(record));
      begin(opening(record));
    }
    open(out);
    if (begun == null) {
      throw new IllegalStateException(
          "Rows of table %s come in no transaction: XA transactions cannot be captured"
              .formatted(value.getStruct(SOURCE).get("table")));
    }
    out.add(record);
    if (truncate) {
      finish(begun, out);
    }
  }

  /** Whether no transaction is open. */
  private boolean isAlone() {
    return begun == null && held == null;
  }

  /** What the only row of a transaction says of it. */
  private static Struct first(SourceRecord record) {
    Struct first = new Struct(record.valueSchema().field(TRANSACTION).schema());
    first.put(ID, gtid(record));
    first.put("total_order", 1L);
    first.put("data_collection_order", 1L);
    return first;
  }

  /** The BEGIN of a statement that has none. */
  private SourceRecord opening(SourceRecord record) {
    Struct begin = new Struct(BOUNDARY);
    begin.put(STATUS, "BEGIN");
    begin.put(ID, gtid(record));
    begin.put(MILLIS, ((Struct) record.value()).getStruct(SOURCE).getInt64(MILLIS));
    return new SourceRecord(
        record.sourcePartition(),
        record.sourceOffset(),
        transactionTopic,
        null,
        null,
        null,
        BOUNDARY,
        begin);
  }

  private static String gtid(SourceRecord record) {
    String gtid = ((Struct) record.value()).getStruct(SOURCE).getString("gtid");
    if (gtid == null) {
      throw new IllegalStateException("A statement has no GTID: set gtid_mode = ON");
    }
    return gtid;
  }

  /** A table that is made by a query has its first rows in the transaction that makes it. */
  private void definition(SourceRecord record, List<SourceRecord> out) {
    if (isCreation((Struct) record.value())) {
      return;
    }
    if (isAlone()) {
      if (gtid(record).equals(place.last())) {
        // A statement on several tables comes once for each.
        return;
      }
      begin(opening(record));
    }
    open(out);
    if (begun != null) {
      finish(begun, out);
    }
  }

  private static boolean isCreation(Struct value) {
    List<Object> changes = value.getArray("tableChanges");
    return changes != null
        && changes.stream()
            .anyMatch(change -> "CREATE".equals(((Struct) change).getString("type")));
  }

  private void open(List<SourceRecord> out) {
    if (held != null) {
      out.add(held);
      begun = held;
      held = null;
    }
  }

  private void finish(SourceRecord begin, List<SourceRecord> out) {
    advance(begin);
    Struct end = new Struct(begin.valueSchema());
    end.put(STATUS, "END");
    end.put(ID, id(begin));
    Long millis = ((Struct) begin.value()).getInt64(MILLIS);
    end.put(MILLIS, millis);
    out.add(withPlace(begin, millis * 1_000, end));
    begun = null;
  }

  private void advance(SourceRecord begin) {
    String id = id(begin);
    place = place.behind(sets.with(place.gtids(), id), position(begin), id);
  }

  private SourceRecord withPlace(SourceRecord record, long micros, @Nullable Struct value) {
    Map<String, Object> offset = new HashMap<>(place.fields());
    offset.put(TIME, micros);
    return new SourceRecord(
        record.sourcePartition(),
        offset,
        value == null ? schemaTopic : transactionTopic,
        null,
        null,
        null,
        value == null ? null : value.schema(),
        value);
  }

  private static String id(SourceRecord transaction) {
    return ((Struct) transaction.value()).getString(ID);
  }

  private static String gtids(SourceRecord record) {
    return record.sourceOffset().get("gtids") instanceof String gtids ? gtids : "";
  }

  private static BinlogPosition position(SourceRecord record) {
    return new BinlogPosition(
        String.valueOf(record.sourceOffset().get("file")),
        record.sourceOffset().get("pos") instanceof Number number ? number.longValue() : 0);
  }
}
