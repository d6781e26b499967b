package io.millrace.runtime.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.StageContext;
import io.millrace.schemas.DeadLetter;
import java.time.InstantSource;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a stage's poison records go: as they were received, with headers that say why. See {@link
 * DeadLetter} for the headers.
 */
public final class DeadLetters {
  /** The Kafka Streams setting under which the error handlers find theirs. */
  public static final String SETTING = "millrace.dead.letters";

  /** Longest text of the errors' messages: they come of any library and may quote a record. */
  private static final int LONGEST_MESSAGE = 2000;

  /** What a letter's headers and framing take, generously. */
  private static final int HEADERS = 64 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  private final String stage;
  private final String topic;
  private final MeterRegistry meters;
  private final Sparingly lines = new Sparingly(InstantSource.system());

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

  static DeadLetters from(Map<?, ?> settings) {
    if (settings.get(SETTING) instanceof DeadLetters letters) {
      return letters;
    }
    throw new IllegalArgumentException("Kafka Streams setting " + SETTING + " is missing");
  }

  /** Counts, logs and makes the dead letter of a record. Its contents are never logged. */
  ProducerRecord<byte[], byte[]> letter(
      ErrorHandlerContext record, @Nullable String operator, Exception error) {
    Throwable reason = reason(error);
    count(record.topic()).increment();
    log(record, reason);
    byte[] key = record.sourceRawKey();
    byte[] value = record.sourceRawValue();
    boolean fits = size(key) + size(value) <= KafkaSettings.LARGEST_REQUEST - HEADERS;
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(topic, null, record.timestamp(), key, fits ? value : null);
    Headers headers = letter.headers();
    for (Header header : record.headers()) {
      headers.add(header);
    }
    add(headers, DeadLetter.TOPIC, record.topic());
    add(headers, DeadLetter.PARTITION, String.valueOf(record.partition()));
    add(headers, DeadLetter.OFFSET, String.valueOf(record.offset()));
    if (!fits) {
      add(headers, DeadLetter.OMITTED, String.valueOf(size(value)));
    }
    explain(headers, record.timestamp(), operator, error);
    return letter;
  }

  private void log(ErrorHandlerContext record, Throwable reason) {
    long more = lines.admit();
    if (more >= 0) {
      LOG.warn(
          "Put aside a record of topic {} partition {} offset {} in {}: {} at {}{}",
          record.topic(),
          record.partition(),
          record.offset(),
          topic,
          reason.getClass().getName(),
          place(reason),
          more == 0 ? "" : "; and " + more + " since the last line");
    }
  }

  private static int size(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  /** The counter of a topic's records that were put aside. */
  Counter count(String from) {
    return Counter.builder("millrace.dead.letters")
        .description("Records that a stage could not use and put aside")
        .tag("topic", from)
        .register(meters);
  }

  /** Adds the headers that say who failed on a record, and why. */
  void explain(Headers headers, long timestamp, @Nullable String operator, Throwable error) {
    Throwable reason = reason(error);
    add(headers, DeadLetter.STAGE, stage);
    add(headers, DeadLetter.TIMESTAMP, String.valueOf(timestamp));
    add(headers, DeadLetter.ERROR, reason.getClass().getName());
    add(headers, DeadLetter.MESSAGE, messages(reason));
    if (operator != null) {
      add(headers, DeadLetter.OPERATOR, operator);
    }
    PoisonRecordException poison = PoisonRecordException.in(error);
    if (poison != null && poison.view() != null) {
      add(headers, DeadLetter.VIEW, poison.view());
    }
    if (poison != null && poison.field() != null) {
      add(headers, DeadLetter.FIELD, poison.field());
    }
  }

  static void add(Headers headers, String name, String value) {
    headers.remove(name);
    headers.add(name, value.getBytes(UTF_8));
  }

  /** The error itself, without the wrappings that say less. */
  private static Throwable reason(Throwable error) {
    Throwable cause = error.getCause();
    boolean wrapping =
        error instanceof PoisonRecordException
            || error.getClass().getName().startsWith("org.apache.kafka.streams.");
    return wrapping && cause != null ? reason(cause) : error;
  }

  private static String messages(Throwable reason) {
    StringBuilder text = new StringBuilder(String.valueOf(reason.getMessage()));
    for (Throwable e = reason.getCause(); e != null; e = e.getCause()) {
      text.append(": ").append(e.getMessage() == null ? e.getClass().getName() : e.getMessage());
    }
    return text.length() <= LONGEST_MESSAGE ? text.toString() : text.substring(0, LONGEST_MESSAGE);
  }

  private static String place(Throwable reason) {
    StackTraceElement[] trace = reason.getStackTrace();
    return trace.length == 0 ? "an unknown place" : trace[0].toString();
  }
}
