package io.millrace.runtime.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.serde.RegistryUnavailableException;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a stage's poison records go: as they were received, with headers that say why.
 *
 * <p>Headers that Kafka Streams has a name for keep that name (KIP-1034); the stage's own begin
 * with {@code millrace.}.
 */
public final class DeadLetters {
  /** The Kafka Streams setting under which the error handlers find theirs. */
  public static final String SETTING = "millrace.dead.letters";

  /** Name of the stage that could not use the record. */
  public static final String STAGE = "millrace.stage";

  /** Timestamp of the record, milliseconds since the epoch. */
  public static final String TIMESTAMP = "millrace.timestamp";

  /** The operator of the topology that failed. */
  public static final String OPERATOR = "millrace.operator";

  public static final String TOPIC = "__streams.errors.topic";
  public static final String PARTITION = "__streams.errors.partition";
  public static final String OFFSET = "__streams.errors.offset";
  public static final String ERROR = "__streams.errors.exception";
  public static final String MESSAGE = "__streams.errors.message";

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  private final String stage;
  private final String topic;
  private final MeterRegistry meters;

  private DeadLetters(String stage, String topic, MeterRegistry meters) {
    this.stage = stage;
    this.topic = topic;
    this.meters = meters;
  }

  /** The dead letters of a stage. */
  public static DeadLetters of(StageContext context) {
    String topic = context.pipeline().topicNames().deadLetters(context.stage());
    return new DeadLetters(context.stage(), topic, context.meters());
  }

  static DeadLetters from(Map<String, ?> settings) {
    if (settings.get(SETTING) instanceof DeadLetters letters) {
      return letters;
    }
    throw new IllegalArgumentException("Kafka Streams setting " + SETTING + " is missing");
  }

  /**
   * Whether an error says that the record at hand is bad. The registry, the broker and the state
   * store failing says nothing about the record, and the next attempt may succeed.
   */
  static boolean poison(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof RegistryUnavailableException
          || (e instanceof KafkaException && !(e instanceof SerializationException))) {
        return false;
      }
    }
    return true;
  }

  /** Counts, logs and makes the dead letter of a record. Its contents are never logged. */
  ProducerRecord<byte[], byte[]> letter(
      ErrorHandlerContext record, @Nullable String operator, Exception error) {
    Throwable reason = reason(error);
    Counter.builder("millrace.dead.letters")
        .description("Records that a stage could not use and put aside.")
        .tag("topic", record.topic())
        .register(meters)
        .increment();
    LOG.warn(
        "Put aside a record of topic {} partition {} offset {} in {}: {} at {}",
        record.topic(),
        record.partition(),
        record.offset(),
        topic,
        reason.getClass().getName(),
        place(reason));
    return letter(record, operator, reason);
  }

  private ProducerRecord<byte[], byte[]> letter(
      ErrorHandlerContext record, @Nullable String operator, Throwable reason) {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(
            topic, null, record.timestamp(), record.sourceRawKey(), record.sourceRawValue());
    Headers headers = letter.headers();
    for (Header header : record.headers()) {
      headers.add(header);
    }
    add(headers, STAGE, stage);
    add(headers, TOPIC, record.topic());
    add(headers, PARTITION, String.valueOf(record.partition()));
    add(headers, OFFSET, String.valueOf(record.offset()));
    add(headers, TIMESTAMP, String.valueOf(record.timestamp()));
    add(headers, ERROR, reason.getClass().getName());
    add(headers, MESSAGE, messages(reason));
    if (operator != null) {
      add(headers, OPERATOR, operator);
    }
    return letter;
  }

  private static void add(Headers headers, String name, String value) {
    headers.remove(name);
    headers.add(name, value.getBytes(UTF_8));
  }

  /** The error itself, without the wrappings of Kafka Streams that say less. */
  private static Throwable reason(Throwable error) {
    Throwable cause = error.getCause();
    return error.getClass().getName().startsWith("org.apache.kafka.streams.") && cause != null
        ? reason(cause)
        : error;
  }

  private static String messages(Throwable reason) {
    StringBuilder text = new StringBuilder(String.valueOf(reason.getMessage()));
    for (Throwable e = reason.getCause(); e != null; e = e.getCause()) {
      text.append(": ").append(e.getMessage() == null ? e.getClass().getName() : e.getMessage());
    }
    return text.toString();
  }

  private static String place(Throwable reason) {
    StackTraceElement[] trace = reason.getStackTrace();
    return trace.length == 0 ? "an unknown place" : trace[0].toString();
  }
}
