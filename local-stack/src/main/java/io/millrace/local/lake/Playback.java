package io.millrace.local.lake;

import io.millrace.schemas.SourceMetadata;
import io.millrace.sink.lake.TableShape;
import java.util.Collection;
import java.util.stream.Collectors;

/** Of the changes of a table, its rows. */
final class Playback {
  private Playback() {}

  /**
   * The rows that changes come to, with the changes' own columns.
   *
   * @param changes a relation like a bronze table
   * @param key columns of the table's key
   */
  static String sql(String changes, Collection<String> key) {
    return """
    SELECT * FROM %s
    QUALIFY row_number() OVER (PARTITION BY %s ORDER BY "%s" DESC) = 1 AND "%s" <> 'd'
    """
        .formatted(
            changes,
            key.stream().map(DuckColumn::quoted).collect(Collectors.joining(", ")),
            SourceMetadata.SOURCE_POS,
            TableShape.OP);
  }
}
