package io.millrace.schemas;

import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * The two columns by which every row says where it comes from. They are the last two fields of each
 * change event and each view row, and a join or an aggregate carries the greatest of its inputs.
 */
public final class SourceMetadata {
  /** When the source committed the change: {@code timestamp-micros}. */
  public static final String SOURCE_TS = "_source_ts";

  /**
   * Where in the source's log the change stands: a string whose lexicographic order is the log's
   * order: sixteen hexadecimal digits, a dash, and the change's number in its transaction (or in
   * its snapshot) in eight. The sixteen are PostgreSQL's LSN, or the number of the binary log's
   * file and where in it the transaction begins.
   */
  public static final String SOURCE_POS = "_source_pos";

  private SourceMetadata() {}

  /** Schema of {@link #SOURCE_TS}. */
  public static Schema sourceTs() {
    return LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
  }

  /** Schema of {@link #SOURCE_POS}. */
  public static Schema sourcePos() {
    return Schema.create(Schema.Type.STRING);
  }

  /** {@link #SOURCE_POS} of a PostgreSQL change. */
  public static String postgresPosition(long lsn, long order) {
    return "%016x-%08x".formatted(lsn, order);
  }
}
