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
 * Up to where the source is in Kafka: everything that the database committed before {@code place},
 * and nothing after it. With a gap it is not: then it says where Kafka stopped.
 *
 * @param place end of the last complete transaction (or of a heartbeat after it), in the database's
 *     own terms; of a snapshot its consistent point
 * @param committedMicros commit time of that transaction
 * @param tables the captured tables, name in the pipeline to name in the database: another one has
 *     no snapshot
 * @param states what else there is to know of them, by name in the pipeline
 * @param asked snapshots of single tables that someone asked for, and those that are over
 * @param footing what has to be as it was for the place to mean what it did
 * @param base added to each position of the log in {@code _source_pos}, so that it grows when the
 *     log begins anew
 * @param gap changes that are missing; null when there are none
 * @param snapshotRequested whether someone asked for a new snapshot of everything that is not
 *     complete
 */
public record SourceOffset(
    SortedMap<String, String> place,
    long committedMicros,
    SortedMap<String, String> tables,
    SortedMap<String, TableState> states,
    List<AskedSnapshot> asked,
    Footing footing,
    long base,
    @Nullable Gap gap,
    boolean snapshotRequested) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Fields that are not of the place. */
  private static final Set<String> OTHERS =
      Set.of(
          "ts_us",
          "system",
          "timeline",
          "published",
          "topics",
          "tables",
          "states",
          "snapshots",
          "base",
          "snapshot_requested",
          "gap");

  private static final TypeReference<TreeMap<String, TableState>> STATES = new TypeReference<>() {};
  private static final TypeReference<List<AskedSnapshot>> ASKED = new TypeReference<>() {};

  /** Keeps its own copies. */
  public SourceOffset {
    place = Collections.unmodifiableSortedMap(new TreeMap<>(place));
    tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
    states = Collections.unmodifiableSortedMap(new TreeMap<>(states));
    asked = List.copyOf(asked);
  }

  /** An offset without a gap, which knows nothing else of the tables. */
  SourceOffset(
      SortedMap<String, String> place,
      long committedMicros,
      SortedMap<String, String> tables,
      Footing footing,
      long base) {
    this(place, committedMicros, tables, new TreeMap<>(), List.of(), footing, base, null, false);
  }

  /** The same place, with what is to know of the tables now. */
  SourceOffset with(SortedMap<String, TableState> now, List<AskedSnapshot> nowAsked) {
    return new SourceOffset(
        place, committedMicros, tables, now, nowAsked, footing, base, gap, snapshotRequested);
  }

  /** The same tables on the same footing, further on. */
  SourceOffset at(SortedMap<String, String> reached, long reachedMicros) {
    return new SourceOffset(
        reached, reachedMicros, tables, states, asked, footing, base, null, false);
  }

  /** With other positions from here on. */
  SourceOffset withBase(long newBase) {
    return new SourceOffset(
        place, committedMicros, tables, states, asked, footing, newBase, gap, snapshotRequested);
  }

  /** Kafka stopped here. */
  SourceOffset withGap(Gap found) {
    return new SourceOffset(
        place, committedMicros, tables, states, asked, footing, base, found, false);
  }

  /** A new snapshot is to be taken. */
  SourceOffset withSnapshotRequested() {
    return new SourceOffset(
        place, committedMicros, tables, states, asked, footing, base, gap, true);
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

  /** The place, for messages. */
  String placeText() {
    return String.join(" ", place.values());
  }

  byte[] json() {
    SortedMap<String, Object> fields = new TreeMap<>(place);
    fields.put("ts_us", committedMicros);
    fields.put("system", footing.system());
    fields.put("timeline", footing.timeline());
    fields.put("published", footing.published());
    fields.put("topics", footing.topics());
    fields.put("tables", tables);
    if (!states.isEmpty()) {
      fields.put("states", states);
    }
    if (!asked.isEmpty()) {
      fields.put("snapshots", asked);
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
      List<AskedSnapshot> asked =
          fields.has("snapshots")
              ? JSON.treeToValue(fields.required("snapshots"), ASKED)
              : List.of();
      return new SourceOffset(
          place(fields),
          fields.required("ts_us").asLong(),
          texts(fields.required("tables")),
          states,
          asked,
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

  private static SortedMap<String, String> place(JsonNode fields) {
    SortedMap<String, String> place = new TreeMap<>();
    fields
        .properties()
        .forEach(
            field -> {
              if (!OTHERS.contains(field.getKey())) {
                place.put(field.getKey(), field.getValue().asText());
              }
            });
    return place;
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
