package io.millrace.cdc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Up to where the source is in Kafka: everything that PostgreSQL committed before {@code lsn}, and
 * nothing after it.
 *
 * @param lsn end of the last complete transaction (or of a heartbeat after it); of an initial
 *     snapshot its consistent point
 * @param committedMicros commit time of that transaction
 * @param system PostgreSQL's system identifier: an LSN means nothing in another cluster
 * @param tables the captured tables, name in the pipeline to name in the database: another one has
 *     no snapshot
 * @param states what else there is to know of them, by name in the pipeline
 */
record SourceOffset(
    long lsn,
    long committedMicros,
    String system,
    SortedMap<String, String> tables,
    SortedMap<String, TableState> states) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<TreeMap<String, TableState>> STATES = new TypeReference<>() {};

  /** Keeps its own copy of the tables. */
  SourceOffset {
    tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
    states = Collections.unmodifiableSortedMap(new TreeMap<>(states));
  }

  /** An offset that knows nothing else of the tables. */
  SourceOffset(long lsn, long committedMicros, String system, SortedMap<String, String> tables) {
    this(lsn, committedMicros, system, tables, new TreeMap<>());
  }

  /** The same place, with what is to know of the tables now. */
  SourceOffset with(SortedMap<String, TableState> now) {
    return new SourceOffset(lsn, committedMicros, system, tables, now);
  }

  /** {@code lsn} as PostgreSQL writes it. */
  String lsnText() {
    return lsnText(lsn);
  }

  static String lsnText(long lsn) {
    return "%X/%X".formatted(lsn >>> 32, lsn & 0xffff_ffffL);
  }

  static long lsn(String text) {
    int slash = text.indexOf('/');
    return Long.parseLong(text.substring(0, slash), 16) << 32
        | Long.parseLong(text.substring(slash + 1), 16);
  }

  byte[] json() {
    SortedMap<String, Object> fields = new TreeMap<>();
    fields.put("lsn", lsnText());
    fields.put("ts_us", committedMicros);
    fields.put("system", system);
    fields.put("tables", tables);
    if (!states.isEmpty()) {
      fields.put("states", states);
    }
    try {
      return JSON.writeValueAsBytes(fields);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws IllegalStateException when it is something else
   */
  static SourceOffset of(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    try {
      var fields = JSON.readTree(text);
      SortedMap<String, String> tables = new TreeMap<>();
      fields
          .required("tables")
          .properties()
          .forEach(table -> tables.put(table.getKey(), table.getValue().asText()));
      TreeMap<String, TableState> states =
          fields.has("states")
              ? JSON.treeToValue(fields.required("states"), STATES)
              : new TreeMap<>();
      return new SourceOffset(
          lsn(fields.required("lsn").asText()),
          fields.required("ts_us").asLong(),
          fields.required("system").asText(),
          tables,
          states);
    } catch (JsonProcessingException | RuntimeException e) {
      throw new IllegalStateException("not a source offset: " + text, e);
    }
  }
}
