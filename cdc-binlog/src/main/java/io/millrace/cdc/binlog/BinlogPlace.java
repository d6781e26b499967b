package io.millrace.cdc.binlog;

import io.millrace.cdc.SourceOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Up to where a binary log was read: whole transactions.
 *
 * @param gtids every transaction that was read, as the server writes such sets
 * @param begin where the last of them begins; without one, where the snapshot was taken
 * @param last GTID of the last of them; empty when there is none since the snapshot
 */
record BinlogPlace(String gtids, BinlogPosition begin, String last) {
  private static final String GTIDS = "gtids";
  private static final String FILE = "file";
  private static final String POSITION = "pos";
  private static final String LAST = "gtid";

  /** The place in an offset that Kafka has. */
  static BinlogPlace of(SourceOffset offset) {
    return of(offset.place());
  }

  static BinlogPlace of(Map<String, ?> fields) {
    return new BinlogPlace(
        text(fields, GTIDS),
        new BinlogPosition(text(fields, FILE), Long.parseLong(text(fields, POSITION))),
        text(fields, LAST));
  }

  private static String text(Map<String, ?> fields, String name) {
    Object value = fields.get(name);
    return value == null ? "" : value.toString();
  }

  /** As a source offset keeps it. */
  SortedMap<String, String> fields() {
    SortedMap<String, String> fields = new TreeMap<>();
    fields.put(GTIDS, gtids);
    fields.put(FILE, begin.file());
    fields.put(POSITION, Long.toString(begin.position()));
    fields.put(LAST, last);
    return fields;
  }

  /**
   * As the connector reads it. It has no number of events to skip: the server itself sends the
   * transactions that are not in the set, whole.
   */
  Map<String, Object> connectorOffset() {
    Map<String, Object> offset = new HashMap<>();
    offset.put(FILE, begin.file());
    offset.put(POSITION, begin.position());
    if (!gtids.isEmpty()) {
      offset.put(GTIDS, gtids);
    }
    return offset;
  }
}
