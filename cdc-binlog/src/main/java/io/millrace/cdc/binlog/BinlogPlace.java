package io.millrace.cdc.binlog;

import io.millrace.cdc.SourceOffset;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Up to where a binary log was read: whole transactions.
 *
 * @param gtids every transaction that was read, as the server writes such sets
 * @param begin where the last of them begins; without one, where the snapshot was taken
 * @param last GTID of the last of them; empty when there is none since the snapshot
 * @param passed nothing that the log has before it is still to come
 * @param joining tables that are captured from there on, by their names in the database
 */
record BinlogPlace(
    String gtids,
    BinlogPosition begin,
    String last,
    BinlogPosition passed,
    SortedSet<String> joining) {
  private static final String GTIDS = "gtids";
  private static final String FILE = "file";
  private static final String POSITION = "pos";
  private static final String LAST = "gtid";
  private static final String JOINING = "joining";

  /** No name of a table has it. */
  private static final String SEPARATOR = "\n";

  private static final String PASSED_FILE = "passed_file";
  private static final String PASSED_POSITION = "passed_pos";

  /** A place of which no more is known than its last transaction. */
  BinlogPlace(String gtids, BinlogPosition begin, String last) {
    this(gtids, begin, last, begin, new TreeSet<>());
  }

  BinlogPlace {
    joining = Collections.unmodifiableSortedSet(new TreeSet<>(joining));
  }

  /** The place in an offset that Kafka has. */
  static BinlogPlace of(SourceOffset offset) {
    return of(offset.place());
  }

  static BinlogPlace of(Map<String, ?> fields) {
    BinlogPosition begin = position(fields, FILE, POSITION);
    return new BinlogPlace(
        text(fields, GTIDS),
        begin,
        text(fields, LAST),
        fields.get(PASSED_FILE) == null ? begin : position(fields, PASSED_FILE, PASSED_POSITION),
        fields.get(JOINING) == null
            ? new TreeSet<>()
            : new TreeSet<>(List.of(text(fields, JOINING).split(SEPARATOR, -1))));
  }

  private static BinlogPosition position(Map<String, ?> fields, String file, String position) {
    return new BinlogPosition(text(fields, file), Long.parseLong(text(fields, position)));
  }

  private static String text(Map<String, ?> fields, String name) {
    Object value = fields.get(name);
    return value == null ? "" : value.toString();
  }

  /** As a server is asked about it. */
  BinlogServer.BinlogState state() {
    return new BinlogServer.BinlogState(gtids, begin.file(), begin.position(), last);
  }

  /** As a source offset keeps it. */
  SortedMap<String, String> fields() {
    SortedMap<String, String> fields = new TreeMap<>();
    fields.put(GTIDS, gtids);
    fields.put(FILE, begin.file());
    fields.put(POSITION, Long.toString(begin.position()));
    fields.put(LAST, last);
    if (!joining.isEmpty()) {
      fields.put(JOINING, String.join(SEPARATOR, joining));
    }
    fields.put(PASSED_FILE, passed.file());
    fields.put(PASSED_POSITION, Long.toString(passed.position()));
    return fields;
  }

  /** The place when the log was read up to there, and there was nothing more. */
  BinlogPlace passing(BinlogPosition read) {
    return read.compareTo(passed) > 0 ? new BinlogPlace(gtids, begin, last, read, joining) : this;
  }

  /** The place behind another transaction. */
  BinlogPlace behind(String nowGtids, BinlogPosition nowBegin, String nowLast) {
    return new BinlogPlace(nowGtids, nowBegin, nowLast, passed, joining).passing(nowBegin);
  }

  /** The place, when these tables join there. */
  BinlogPlace joining(Collection<String> tables) {
    return new BinlogPlace(gtids, begin, last, passed, new TreeSet<>(tables));
  }

  /** Whether all that the log had at a moment was read. */
  boolean hasPassed(BinlogServer.Moment moment, GtidSets sets) {
    return passed.compareTo(new BinlogPosition(moment.file(), moment.position())) >= 0
        || (moment.gtids() != null && sets.contains(gtids, moment.gtids()));
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
