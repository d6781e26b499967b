package io.millrace.schemas;

import java.util.Set;

/**
 * Headers of a dead letter: a record that a stage could not use, as it was received, in {@link
 * Topics#deadLetters}. All are text. Those that Kafka Streams has a name for keep it (KIP-1034);
 * the others begin with {@code millrace.}.
 */
public final class DeadLetter {
  /** Name of the stage that could not use the record. */
  public static final String STAGE = "millrace.stage";

  /** Topic that the record stood in; of cdc-connector, the topic that it has no form in. */
  public static final String TOPIC = "__streams.errors.topic";

  public static final String PARTITION = "__streams.errors.partition";
  public static final String OFFSET = "__streams.errors.offset";

  /** Timestamp of the record, milliseconds since the epoch. */
  public static final String TIMESTAMP = "millrace.timestamp";

  /** Class of the error. */
  public static final String ERROR = "__streams.errors.exception";

  /** Messages of the error and its causes, cut to a length; they may quote the record. */
  public static final String MESSAGE = "__streams.errors.message";

  /** The operator of the topology that failed. */
  public static final String OPERATOR = "millrace.operator";

  /** The view whose expression failed. */
  public static final String VIEW = "millrace.view";

  /** The column whose value is to blame, where one is. */
  public static final String FIELD = "millrace.field";

  /** Where in the source's log the change stands: {@link SourceMetadata#SOURCE_POS}. */
  public static final String POSITION = "millrace.position";

  /**
   * {@code true} when key and value are a row that a view made, and not the record at the offset,
   * from which it was made.
   */
  public static final String DERIVED = "millrace.derived";

  /** The value's size in bytes when it is too large to stand here. */
  public static final String OMITTED = "millrace.value.omitted";

  /** Of a replayed record: the stages that could not use it before, separated by commas. */
  public static final String REPLAY_FOR = "millrace.replay.for";

  /** Of a replayed record: the offset in the same partition at which it was written first. */
  public static final String REPLAY_OF = "millrace.replay.of";

  private static final Set<String> ALL =
      Set.of(
          STAGE,
          TOPIC,
          PARTITION,
          OFFSET,
          TIMESTAMP,
          ERROR,
          MESSAGE,
          OPERATOR,
          VIEW,
          FIELD,
          POSITION,
          DERIVED,
          OMITTED,
          REPLAY_FOR,
          REPLAY_OF);

  private DeadLetter() {}

  /** Whether a header is one of these, and not the record's own. */
  public static boolean isHeader(String name) {
    return ALL.contains(name);
  }
}
