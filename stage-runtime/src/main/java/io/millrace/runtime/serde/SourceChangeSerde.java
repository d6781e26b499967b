package io.millrace.runtime.serde;

import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Change events of a source table as Kafka values. Writing gives back the bytes that were read, so
 * that the change topic can be the changelog of a store of them ({@code
 * topology.optimization=all}). A null (tombstone) is null both ways. Thread-safe.
 */
public final class SourceChangeSerde implements Serde<SourceChange> {
  private final SourceChangeReader reader;

  /**
   * A serde.
   *
   * @param row record of the wanted columns, {@code _source_ts} and {@code _source_pos} last: the
   *     {@code row()} of a {@link io.millrace.pipeline.plan.ViewNode.Scan}
   */
  public SourceChangeSerde(SchemaRegistry registry, Schema row) {
    this.reader = new SourceChangeReader(registry, row);
  }

  @Override
  public Serializer<SourceChange> serializer() {
    return (topic, change) -> change == null ? null : change.bytes();
  }

  @Override
  public Deserializer<SourceChange> deserializer() {
    return (topic, bytes) -> bytes == null ? null : new SourceChange(bytes, reader);
  }
}
