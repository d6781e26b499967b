package io.millrace.cdc;

import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** Reads Debezium's envelopes of one Connect schema: its fields are looked up once. */
final class ChangeReader {
  private final Field op;
  private final Field before;
  private final Field after;
  private final Field tsMillis;
  private final Field source;
  private final Field transaction;
  private final Field commitMicros;
  private final Field snapshot;
  private final SourceBlock block;
  private final Field totalOrder;

  ChangeReader(Schema envelope, SourceReader reader) {
    this.op = envelope.field("op");
    this.before = envelope.field("before");
    this.after = envelope.field("after");
    this.tsMillis = envelope.field("ts_ms");
    this.source = envelope.field("source");
    this.transaction = envelope.field("transaction");
    this.commitMicros = source.schema().field("ts_us");
    this.snapshot = source.schema().field("snapshot");
    this.block = reader.block(source.schema());
    this.totalOrder = transaction.schema().field("total_order");
  }

  /** Where a snapshot's rows stand: all of them at one time and place, one after the other. */
  record SnapshotPlace(long position, long micros, long row) {}

  /** The operation of a change: r, c, u, d or t. */
  String operation(Struct value) {
    return (String) value.get(op);
  }

  /** The table that was changed. */
  TableName table(Struct value) {
    return block.table((Struct) value.get(source));
  }

  /** Whether a snapshot read the change. */
  boolean isSnapshot(Struct value) {
    Object phase = ((Struct) value.get(source)).get(snapshot);
    return phase != null && !phase.equals("false");
  }

  /** Commit time; of a snapshot's row the time it was read. */
  long micros(Struct value) {
    return (Long) ((Struct) value.get(source)).get(commitMicros);
  }

  /**
   * The change.
   *
   * @param place of a snapshot's row; null when streaming
   * @param base what places have over positions
   */
  Change read(Struct value, @Nullable SnapshotPlace place, long base) {
    Struct from = (Struct) value.get(source);
    Struct within = (Struct) value.get(transaction);
    long at = place == null ? block.position(from) : place.position();
    return new Change(
        operation(value),
        (Struct) value.get(before),
        (Struct) value.get(after),
        (Long) value.get(tsMillis),
        phase((String) from.get(snapshot)),
        place == null ? (Long) from.get(commitMicros) : place.micros(),
        at,
        at + base,
        place == null ? (Long) within.get(totalOrder) : place.row(),
        block.transactionId(from),
        within);
  }

  private static Change.Phase phase(@Nullable String snapshot) {
    return switch (snapshot) {
      case null -> Change.Phase.STREAMING;
      case "false" -> Change.Phase.STREAMING;
      case "last" -> Change.Phase.SNAPSHOT_LAST;
      default -> Change.Phase.SNAPSHOT;
    };
  }
}
