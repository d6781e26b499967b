package io.millrace.pipeline.plan;

import io.millrace.schemas.SourceMetadata;
import org.apache.avro.Schema;

/**
 * Something a view can read: a source table or another view.
 *
 * @param name as in the pipeline file
 * @param kind what it is, which says where its rows come from
 * @param key Avro record of its primary or group key, as registered for its topic; field names are
 *     column names. {@code _source_pos} of a table without a key
 * @param row Avro record of its columns; the last two are {@code _source_ts} and {@code
 *     _source_pos}
 */
public record Relation(String name, Kind kind, Schema key, Schema row) {
  /** Kinds of relation. */
  public enum Kind {
    SOURCE_TABLE,
    ENRICHED_VIEW,
    AGGREGATE_VIEW
  }

  /** Whether no column tells its rows apart: a table of which the source has no key. */
  public boolean isKeyless() {
    return key.getField(SourceMetadata.SOURCE_POS) != null;
  }
}
