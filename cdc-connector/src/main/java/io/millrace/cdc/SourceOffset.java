package io.millrace.cdc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Up to where the source is in Kafka: everything that PostgreSQL committed before {@code lsn}, and
 * nothing after it. With a gap it is not: then it says where Kafka stopped.
 *
 * @param lsn end of the last complete transaction (or of a heartbeat after it); of an initial
 *     snapshot its consistent point
 * @param committedMicros commit time of that transaction
 * @param tables the captured tables, name in the pipeline to name in the database: another one has
 *     no snapshot
 * @param states what else there is to know of them, by name in the pipeline
 * @param footing what has to be as it was for the LSN to mean what it did
 * @param base added to each LSN in positions, so that they grow when the log begins anew
 * @param gap changes that are missing; null when there are none
 * @param snapshotRequested whether someone asked for a new snapshot of everything that is not
 *     complete
 */
record SourceOffset(
    long lsn,
    long committedMicros,
    SortedMap<String, String> tables,
    SortedMap<String, TableState> states,
    Footing footing,
    long base,
    @Nullable Gap gap,
    boolean snapshotRequested) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<TreeMap<String, TableState>> STATES = new TypeReference<>() {};

  /** Keeps its own copy of the tables. */
  SourceOffset {
    tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
    states = Collections.unmodifiableSortedMap(new TreeMap<>(states));
  }

  /** An offset without a gap, which knows nothing else of the tables. */
  SourceOffset(
      long lsn,
      long committedMicros,
      SortedMap<String, String> tables,
      Footing footing,
      long base) {
    this(lsn, committedMicros, tables, new TreeMap<>(), footing, base, null, false);
  }

  /** The same place, with what is to know of the tables now. */
  SourceOffset with(SortedMap<String, TableState> now) {
    return new SourceOffset(
        lsn, committedMicros, tables, now, footing, base, gap, snapshotRequested);
  }

  /** The same tables on the same footing, further on. */
  SourceOffset at(long reachedLsn, long reachedMicros) {
    return new SourceOffset(reachedLsn, reachedMicros, tables, states, footing, base, null, false);
  }

  /** With other positions from here on. */
  SourceOffset withBase(long newBase) {
    return new SourceOffset(
        lsn, committedMicros, tables, states, footing, newBase, gap, snapshotRequested);
  }

  /** Kafka stopped here. */
  SourceOffset withGap(Gap found) {
    return new SourceOffset(lsn, committedMicros, tables, states, footing, base, found, false);
  }

  /** A new snapshot is to be taken. */
  SourceOffset withSnapshotRequested() {
    return new SourceOffset(lsn, committedMicros, tables, states, footing, base, gap, true);
  }

  /** Whether the source can be carried on from here. */
  boolean isResumable() {
    return gap == null && !snapshotRequested;
  }

  /** Names of the tables that {@code other} has too, from the same table of the database. */
  Set<String> sameTables(SourceOffset other) {
    Set<String> same = new TreeSet<>();
    tables.forEach(
        (name, from) -> {
          if (from.equals(other.tables().get(name))) {
            same.add(name);
          }
        });
    return same;
  }

  Optional<Gap> missing() {
    return Optional.ofNullable(gap);
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
    fields.put("system", footing.system());
    fields.put("timeline", footing.timeline());
    fields.put("published", footing.published());
    fields.put("topics", footing.topics());
    fields.put("tables", tables);
    if (!states.isEmpty()) {
      fields.put("states", states);
    }
    fields.put("base", base);
    fields.put("snapshot_requested", snapshotRequested);
    if (gap != null) {
      fields.put("gap", new TreeMap<>(Map.of("reason", gap.reason(), "tables", gap.tables())));
    }
    try {
      return JSON.writeValueAsBytes(fields);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads what {@link #json} wrote, also before it knew of gaps.
   *
   * @throws IllegalStateException when it is something else
   */
  static SourceOffset of(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    try {
      JsonNode fields = JSON.readTree(text);
      TreeMap<String, TableState> states =
          fields.has("states")
              ? JSON.treeToValue(fields.required("states"), STATES)
              : new TreeMap<>();
      return new SourceOffset(
          lsn(fields.required("lsn").asText()),
          fields.required("ts_us").asLong(),
          texts(fields.required("tables")),
          states,
          new Footing(
              fields.required("system").asText(),
              fields.path("timeline").asLong(),
              texts(fields.path("published")),
              texts(fields.path("topics"))),
          fields.path("base").asLong(),
          gap(fields.path("gap")),
          fields.path("snapshot_requested").asBoolean());
    } catch (JsonProcessingException | RuntimeException e) {
      throw new IllegalStateException("not a source offset: " + text, e);
    }
  }

  private static SortedMap<String, String> texts(JsonNode object) {
    SortedMap<String, String> texts = new TreeMap<>();
    object.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
    return texts;
  }

  private static @Nullable Gap gap(JsonNode object) {
    if (object.isMissingNode()) {
      return null;
    }
    List<String> tables = new ArrayList<>();
    object.required("tables").forEach(table -> tables.add(table.asText()));
    return new Gap(object.required("reason").asText(), tables);
  }
}
