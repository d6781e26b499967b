package io.millrace.cdc;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Changes that Kafka may lack for good. Nothing but a new snapshot makes its topics true again, so
 * nothing is streamed until someone asks for one.
 *
 * @param reason what happened
 * @param tables names in the pipeline of the tables that may lack changes
 */
public record Gap(String reason, List<String> tables) {
  /** Keeps its own copy of the tables. */
  public Gap {
    tables = List.copyOf(tables);
  }

  static Gap of(String reason, Iterable<String> tables) {
    List<String> sorted = new ArrayList<>();
    tables.forEach(sorted::add);
    Collections.sort(sorted);
    return new Gap(reason, sorted);
  }

  /** For people: what happened, what it concerns, and what to do. */
  String message() {
    return "%s. Changes of %s may be missing in Kafka, so nothing is carried on: send POST"
            .formatted(reason, String.join(", ", tables))
        + " /snapshots to this connector, which takes a new snapshot of all tables and deletes what"
        + " vanished meanwhile";
  }
}
