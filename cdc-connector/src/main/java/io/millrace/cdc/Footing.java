package io.millrace.cdc;

import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an offset stands on: while these are as they were, what PostgreSQL sends from the offset on
 * is all that is missing.
 *
 * @param system PostgreSQL's system identifier: an LSN means nothing in another cluster
 * @param timeline on which the offset's LSN is; 0 when that is not known, or there are none
 * @param published of each captured table, by its name in the pipeline, what makes its changes
 *     come: see {@link Publication#fingerprints}
 * @param topics of each captured table the id of its change topic
 */
public record Footing(
    String system,
    long timeline,
    SortedMap<String, String> published,
    SortedMap<String, String> topics) {

  /** Keeps its own copies. */
  public Footing {
    published = Collections.unmodifiableSortedMap(new TreeMap<>(published));
    topics = Collections.unmodifiableSortedMap(new TreeMap<>(topics));
  }

  /** This, with what {@code other} says of the log, the topics and some tables. */
  Footing as(Footing other, Set<String> tables) {
    SortedMap<String, String> mixed = new TreeMap<>(published);
    tables.forEach(
        table -> {
          String known = other.published().get(table);
          if (known != null) {
            mixed.put(table, known);
          }
        });
    return new Footing(other.system(), other.timeline(), mixed, other.topics());
  }

  /** Of an offset that was written before these were. */
  static Footing unknown(String system) {
    return new Footing(system, 0, new TreeMap<>(), new TreeMap<>());
  }
}
