package io.millrace.local.chaos;

import io.millrace.schemas.SourceMetadata;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The times between the alterations of a table, as SQL over its bronze table. A change is of the
 * era in which it stands in the source's log.
 *
 * @param alterations their positions in the log
 */
record Eras(List<String> alterations) {
  Eras {
    alterations = List.copyOf(alterations);
  }

  /** Number of a change's era, the first being 0. */
  String number() {
    return alterations.isEmpty()
        ? "0"
        : alterations.stream()
            .map(at -> "CAST(%s >= '%s' AS INTEGER)".formatted(SourceMetadata.SOURCE_POS, at))
            .collect(Collectors.joining(" + ", "(", ")"));
  }

  /**
   * What a change was in the database: {@code c}, {@code u}, {@code d}; or {@code r}, none, a row
   * that was read again because the table had been altered. A row that was read before any
   * alteration was inserted before the connector began.
   */
  String kind() {
    return "CASE WHEN _op <> 'r' THEN _op WHEN %s = 0 THEN 'c' ELSE 'r' END".formatted(number());
  }
}
