package io.millrace.cdc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code POST /snapshots} asks for.
 *
 * @param tables names in the pipeline; empty: all, under a new slot
 * @param condition which rows of the one table, in SQL; null: all rows
 */
record SnapshotOrder(List<String> tables, @Nullable String condition) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FORM =
      "send {\"tables\": [\"name\", ...], \"condition\": \"SQL\"}, the condition only with one"
          + " table, or nothing for a new snapshot of all tables";

  SnapshotOrder {
    tables = List.copyOf(tables);
  }

  /**
   * Reads a request.
   *
   * @param known the pipeline's tables
   * @throws IllegalArgumentException when it is something else, saying what
   */
  static SnapshotOrder of(@Nullable String body, Set<String> known) {
    if (body == null || body.isBlank()) {
      return new SnapshotOrder(List.of(), null);
    }
    JsonNode json = json(body);
    json.fieldNames()
        .forEachRemaining(
            name -> {
              if (!name.equals("tables") && !name.equals("condition")) {
                throw new IllegalArgumentException("unknown: %s; %s".formatted(name, FORM));
              }
            });
    if (json.isEmpty()) {
      return new SnapshotOrder(List.of(), null);
    }
    List<String> tables = tables(json.path("tables"), known);
    return new SnapshotOrder(tables, condition(json.path("condition"), tables));
  }

  private static JsonNode json(String body) {
    try {
      JsonNode json = JSON.readTree(body);
      if (json.isObject()) {
        return json;
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not JSON (line %d, column %d): %s"
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr(), FORM),
          e);
    }
    throw new IllegalArgumentException("not a JSON object: " + FORM);
  }

  private static List<String> tables(JsonNode names, Set<String> known) {
    if (!names.isArray() || names.isEmpty()) {
      throw new IllegalArgumentException("tables is not a list of names: " + FORM);
    }
    Set<String> tables = new LinkedHashSet<>();
    for (JsonNode name : names) {
      if (!name.isTextual() || !known.contains(name.asText())) {
        throw new IllegalArgumentException(
            "the pipeline has no table %s; it has %s"
                .formatted(name.asText(), String.join(", ", known)));
      }
      tables.add(name.asText());
    }
    return List.copyOf(tables);
  }

  private static @Nullable String condition(JsonNode text, List<String> tables) {
    if (text.isMissingNode() || text.isNull()) {
      return null;
    }
    if (!text.isTextual()) {
      throw new IllegalArgumentException("condition is not a text: " + FORM);
    }
    if (tables.size() != 1) {
      throw new IllegalArgumentException(
          "a condition is of one table: ask for each table by itself");
    }
    SnapshotCondition.problem(text.asText())
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(problem);
            });
    return text.asText();
  }
}
