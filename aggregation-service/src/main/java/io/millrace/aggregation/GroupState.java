package io.millrace.aggregation;

import io.millrace.pipeline.plan.ViewNode;
import io.millrace.pipeline.plan.ViewNode.AggregateCall.Function;
import io.millrace.runtime.streams.Greatest;
import io.millrace.schemas.Row;
import io.millrace.schemas.SourceMetadata;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a group, so that rows can be added and taken back: the number of its rows, then
 * for each call the number of non-null arguments and, where it sums, their sum; then the greatest
 * metadata that ever came in.
 *
 * <p>States are never changed, but replaced: Kafka Streams still holds the old one.
 */
final class GroupState {
  private static final int ROWS = 0;

  private final Schema schema;
  private final Schema contributionSchema;
  private final Schema row;
  private final List<Slot> slots;
  private final int[] arguments;
  private final int metadata;

  /**
   * Where a call's state stands.
   *
   * @param argument position in the contribution; -1 for {@code COUNT(*)}
   * @param count position in the state of the number of non-null arguments
   * @param sum position in the state of their sum, when the call has one
   */
  private record Slot(
      ViewNode.AggregateCall call, int argument, int count, int sum, @Nullable ExactSum sums) {}

  private GroupState(
      Schema schema, Schema contributionSchema, Schema row, List<Slot> slots, int[] arguments) {
    this.schema = schema;
    this.contributionSchema = contributionSchema;
    this.row = row;
    this.slots = slots;
    this.arguments = arguments;
    this.metadata = schema.getFields().size() - 2;
  }

  /**
   * The state of an aggregate's groups.
   *
   * @param name unique among the pipeline's records
   */
  static GroupState of(ViewNode.Aggregate node, String name) {
    Schema input = node.input().row();
    List<Schema.Field> state = new ArrayList<>();
    state.add(count("rows"));
    List<Integer> arguments = new ArrayList<>();
    List<Slot> slots = new ArrayList<>();
    for (ViewNode.AggregateCall call : node.calls()) {
      slots.add(slot(call, input, state, arguments));
    }
    addMetadata(state);
    List<Schema.Field> contribution = new ArrayList<>();
    for (int argument : arguments) {
      Schema.Field field = input.getFields().get(argument);
      contribution.add(new Schema.Field(field, field.schema()));
    }
    addMetadata(contribution);
    String namespace = node.row().getNamespace();
    return new GroupState(
        Schema.createRecord(name + "_state", null, namespace, false, state),
        Schema.createRecord(name + "_contribution", null, namespace, false, contribution),
        node.row(),
        List.copyOf(slots),
        arguments.stream().mapToInt(Integer::intValue).toArray());
  }

  private static Slot slot(
      ViewNode.AggregateCall call,
      Schema input,
      List<Schema.Field> state,
      List<Integer> arguments) {
    if (call.argument() < 0) {
      return new Slot(call, -1, ROWS, -1, null);
    }
    if (!arguments.contains(call.argument())) {
      arguments.add(call.argument());
    }
    int argument = arguments.indexOf(call.argument());
    int count = state.size();
    String prefix = "call" + count;
    state.add(count(prefix + "_count"));
    if (call.function() == Function.COUNT) {
      return new Slot(call, argument, count, -1, null);
    }
    ExactSum sums = ExactSum.of(input.getFields().get(call.argument()).schema());
    state.add(new Schema.Field(prefix + "_sum", sums.schema()));
    return new Slot(call, argument, count, count + 1, sums);
  }

  private static Schema.Field count(String name) {
    return new Schema.Field(name, Schema.create(Schema.Type.LONG));
  }

  private static void addMetadata(List<Schema.Field> fields) {
    fields.add(new Schema.Field(SourceMetadata.SOURCE_TS, SourceMetadata.sourceTs()));
    fields.add(new Schema.Field(SourceMetadata.SOURCE_POS, SourceMetadata.sourcePos()));
  }

  /** Schema of the states. */
  Schema schema() {
    return schema;
  }

  /** Schema of what a row brings to its group: the calls' arguments and the metadata. */
  Schema contributionSchema() {
    return contributionSchema;
  }

  /** What a row of the aggregate's input brings to its group. */
  Row contribution(Row input) {
    @Nullable Object[] values = new @Nullable Object[arguments.length + 2];
    for (int i = 0; i < arguments.length; i++) {
      values[i] = input.get(arguments[i]);
    }
    System.arraycopy(input.values(), input.values().length - 2, values, arguments.length, 2);
    return new Row(contributionSchema, values);
  }

  /** The state of a group without rows; its metadata is still null. */
  Row empty() {
    Row state = new Row(schema);
    state.put(ROWS, 0L);
    for (Slot slot : slots) {
      state.put(slot.count, 0L);
      if (slot.sums != null) {
        state.put(slot.sum, slot.sums.zero());
      }
    }
    return state;
  }

  /** The state with a row more. */
  Row add(Row state, Row contribution) {
    @Nullable Object[] values = state.values().clone();
    values[ROWS] = number(values, ROWS) + 1;
    for (Slot slot : slots) {
      Object argument = slot.argument < 0 ? null : contribution.get(slot.argument);
      if (argument != null) {
        values[slot.count] = number(values, slot.count) + 1;
        if (slot.sums != null) {
          values[slot.sum] = slot.sums.add(value(values, slot.sum), argument);
        }
      }
    }
    Greatest.into(values, metadata, contribution.values(), arguments.length);
    return new Row(schema, values);
  }

  /** The state with a row less; null when no row is left. */
  @Nullable Row subtract(Row state, Row contribution) {
    @Nullable Object[] values = state.values().clone();
    values[ROWS] = number(values, ROWS) - 1;
    if (number(values, ROWS) == 0) {
      return null;
    }
    for (Slot slot : slots) {
      Object argument = slot.argument < 0 ? null : contribution.get(slot.argument);
      if (argument != null) {
        values[slot.count] = number(values, slot.count) - 1;
        if (slot.sums != null) {
          values[slot.sum] = slot.sums.subtract(value(values, slot.sum), argument);
        }
      }
    }
    return new Row(schema, values);
  }

  /**
   * The group's row.
   *
   * @throws ArithmeticException when a result does not fit its type
   */
  Row result(Row key, Row state) {
    @Nullable Object[] values = new @Nullable Object[row.getFields().size()];
    int keys = key.values().length;
    System.arraycopy(key.values(), 0, values, 0, keys);
    for (int i = 0; i < slots.size(); i++) {
      values[keys + i] = result(slots.get(i), state.values());
    }
    System.arraycopy(state.values(), metadata, values, keys + slots.size(), 2);
    return new Row(row, values);
  }

  private static @Nullable Object result(Slot slot, @Nullable Object[] state) {
    long count = number(state, slot.count);
    ResultType type = ResultType.of(slot.call.result());
    if (slot.sums == null) {
      return type.ofCount(count);
    }
    if (count == 0) {
      return null;
    }
    return slot.call.function() == Function.SUM
        ? type.ofSum(value(state, slot.sum))
        : type.ofAverage(value(state, slot.sum), count);
  }

  private static long number(@Nullable Object[] values, int at) {
    return (Long) value(values, at);
  }

  private static Object value(@Nullable Object[] values, int at) {
    Object value = values[at];
    if (value == null) {
      throw new IllegalStateException("a group's state lacks its field " + at);
    }
    return value;
  }
}
