package io.millrace.runtime.streams;

import io.micrometer.core.instrument.Counter;
import io.millrace.pipeline.plan.Relation;
import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.serde.SourceChange;
import io.millrace.runtime.serde.SourceChangeSerde;
import io.millrace.schemas.Row;
import io.millrace.schemas.Topics;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Named;

/** The tables over the topics that an application reads, one for each topic. */
final class TopicTables {
  private final StreamsBuilder builder;
  private final ViewScope scope;
  private final ScannedColumns scanned;
  private final StatefulRelations stateful;
  private final ViewMetrics metrics;
  private final Map<String, RowTable<?>> tables = new HashMap<>();

  TopicTables(
      StreamsBuilder builder,
      ViewScope scope,
      ScannedColumns scanned,
      StatefulRelations stateful,
      ViewMetrics metrics) {
    this.builder = builder;
    this.scope = scope;
    this.scanned = scanned;
    this.stateful = stateful;
    this.metrics = metrics;
  }

  /** The table over a relation's topic; its rows are those of {@link ScannedColumns#row}. */
  RowTable<?> table(Relation relation) {
    return tables.computeIfAbsent(
        relation.name(),
        any ->
            switch (relation.kind()) {
              case SOURCE_TABLE -> sourceTable(relation);
              case ENRICHED_VIEW, AGGREGATE_VIEW -> viewTable(relation);
            });
  }

  private RowTable<SourceChange> sourceTable(Relation relation) {
    String topic = ViewTopic.name(scope.topics(), relation);
    Schema row = scanned.row(relation);
    SourceChangeSerde serde = new SourceChangeSerde(scope.registry(), row);
    Serde<Row> keySerde = keySerde(relation, topic);
    Consumed<Row, SourceChange> consumed =
        Consumed.with(present(keySerde), serde).withTimestampExtractor(new CommitTime());
    return table(relation, topic, consumed, keySerde, serde, row, (key, change) -> change.row());
  }

  private RowTable<EncodedRow> viewTable(Relation relation) {
    String topic = ViewTopic.name(scope.topics(), relation);
    Schema row = scanned.row(relation);
    RowSerde rows = new RowSerde(scope.registry(), Topics.valueSubject(topic), row);
    Serde<Row> keySerde = keySerde(relation, topic);
    Serde<EncodedRow> serde = EncodedRow.serde(rows.deserializer());
    Consumed<Row, EncodedRow> consumed = Consumed.with(present(keySerde), serde);
    return table(relation, topic, consumed, keySerde, serde, row, (key, encoded) -> encoded.row());
  }

  private Serde<Row> keySerde(Relation relation, String topic) {
    return new RowSerde(scope.registry(), Topics.keySubject(topic), relation.key());
  }

  /** Keys of which there must be one: Kafka Streams drops a record without in silence. */
  private static Serde<Row> present(Serde<Row> keys) {
    return Serdes.serdeFrom(
        keys.serializer(),
        (topic, bytes) -> {
          if (bytes == null) {
            throw new SerializationException("a record without a key");
          }
          return keys.deserializer().deserialize(topic, bytes);
        });
  }

  /**
   * The table over a topic.
   *
   * @param stored keeps the bytes that were read: the topic is the store's changelog
   */
  private <V> RowTable<V> table(
      Relation relation,
      String topic,
      Consumed<Row, V> consumed,
      Serde<Row> keySerde,
      Serde<V> stored,
      Schema row,
      RowTable.ValueReader<V> reader) {
    String name = relation.name();
    boolean kept = stateful.contains(name);
    KTable<Row, V> table =
        kept
            ? builder.table(
                topic, consumed.withName(name), RowTables.uncached(name, keySerde, stored))
            : builder.stream(topic, consumed.withName(name + "-source"))
                .toTable(Named.as(name), NoStore.as(name, keySerde, stored));
    Counter counter = metrics.recordsIn(topic);
    table
        .toStream(Named.as(name + "-in"))
        .process(() -> new ReceivedRecords<>(reader, counter), Named.as(name + "-count"));
    return RowTable.of(
        new RowTable.Source<>(
            table, relation.key(), keySerde, stored, ReceivedRecords.readable(reader), true, kept),
        row);
  }
}
