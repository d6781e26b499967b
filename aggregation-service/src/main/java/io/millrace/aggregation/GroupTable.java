package io.millrace.aggregation;

import io.millrace.pipeline.plan.RowFunction;
import io.millrace.pipeline.plan.ViewNode;
import io.millrace.runtime.streams.OperatorNames;
import io.millrace.runtime.streams.RowTable;
import io.millrace.runtime.streams.RowTables;
import io.millrace.schemas.Row;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Groups a changelog and aggregates each group, taking back what a row added when the row changes,
 * moves to another group or goes.
 *
 * <p>A row that moves between groups travels as two records to two partitions. For one row they
 * arrive in order at each group: its removal never comes before its addition. When the old and the
 * new row are of the same group, one record holds both, removed first: the group may be empty in
 * between, without ever being seen so.
 */
final class GroupTable implements RowTables.AggregateOperator {
  @Override
  public RowTable<?> aggregate(RowTables tables, ViewNode.Aggregate node, OperatorNames names) {
    RowTable<?> input = tables.table(node.input(), names);
    String name = names.next("group");
    GroupState state = GroupState.of(node, name.replace('-', '_'));
    Serde<Row> keySerde = tables.internalSerde(name + "-key", node.key());
    Serde<Row> stateSerde = tables.internalSerde(name, state.schema());

    RowFunction groupKey = node.groupKey();
    KTable<Row, Row> rows =
        tables.keptRows(input.then(row -> checked(row, groupKey), input.row()), name + "-input");
    KTable<Row, Row> groups =
        rows.groupBy(
                (key, row) ->
                    KeyValue.pair(groupOf(row, groupKey, node.key()), state.contribution(row)),
                Grouped.with(
                    name,
                    keySerde,
                    tables.internalSerde(name + "-rows", state.contributionSchema())))
            .aggregate(
                state::empty,
                (key, contribution, group) -> state.add(group, contribution),
                (key, contribution, group) -> state.subtract(group, contribution),
                Named.as(name + "-aggregate"),
                Materialized.<Row, Row, KeyValueStore<Bytes, byte[]>>as(name)
                    .withKeySerde(keySerde)
                    .withValueSerde(stateSerde));
    return RowTable.computed(groups, node.key(), keySerde, stateSerde, node.row(), state::result);
  }

  /** Fails here, where a failure takes the row out, rather than in the grouping. */
  private static Row checked(Row row, RowFunction groupKey) {
    groupKey.apply(row.values());
    return row;
  }

  private static Row groupOf(Row row, RowFunction groupKey, Schema key) {
    return new Row(key, groupKey.apply(row.values()));
  }
}
