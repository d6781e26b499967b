package io.millrace.cdc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.pipeline.PipelineFile;
import io.millrace.schemas.DeadLetter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Changes that have no form in their topic: as JSON of Debezium's envelope, with the reason in
 * headers. They go into the same Kafka transaction as the changes around them.
 */
final class DeadLetters {
  /** A dead letter must fit where the change may not have. */
  private static final int MAX_BYTES = 512 << 10;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String topic;

  DeadLetters(PipelineFile pipeline) {
    this.topic = pipeline.topicNames().deadLetters(CdcConnector.STAGE);
  }

  /**
   * The dead letter of a change.
   *
   * @param intended the topic it has no form in
   * @param key its encoded key, when that could be encoded
   * @param value Debezium's envelope
   * @param position where the change stands
   */
  ProducerRecord<byte[], byte[]> of(
      String intended,
      byte @Nullable [] key,
      Struct value,
      String position,
      UnrepresentableValueException reason) {
    byte[] json = json(value);
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(topic, null, key, json.length <= MAX_BYTES ? json : null);
    if (letter.value() == null) {
      header(letter, DeadLetter.OMITTED, String.valueOf(json.length));
    }
    header(letter, DeadLetter.STAGE, CdcConnector.STAGE);
    header(letter, DeadLetter.TOPIC, intended);
    header(letter, DeadLetter.POSITION, position);
    if (!reason.field().isEmpty()) {
      header(letter, DeadLetter.FIELD, reason.field());
    }
    header(letter, DeadLetter.ERROR, reason.getClass().getName());
    header(letter, DeadLetter.MESSAGE, String.valueOf(reason.getMessage()));
    return letter;
  }

  private static void header(ProducerRecord<?, ?> record, String name, String text) {
    record.headers().add(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] json(Struct value) {
    try {
      return JSON.writeValueAsBytes(object(value));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode object(Struct struct) {
    ObjectNode object = JSON.createObjectNode();
    for (Field field : struct.schema().fields()) {
      Object value = struct.getWithoutDefault(field.name());
      switch (value) {
        case null -> object.putNull(field.name());
        case Struct inner -> object.set(field.name(), object(inner));
        case Long number -> object.put(field.name(), number);
        case Integer number -> object.put(field.name(), number);
        case Boolean truth -> object.put(field.name(), truth);
        case byte[] bytes -> object.put(field.name(), HexFormat.of().formatHex(bytes));
        case BigDecimal decimal -> object.put(field.name(), text(decimal));
        default -> object.put(field.name(), value.toString());
      }
    }
    return object;
  }

  private static String text(BigDecimal decimal) {
    if (CapturedValues.isNotANumber(decimal)) {
      return "NaN";
    }
    return CapturedValues.isAbsent(decimal) ? CapturedValues.ABSENT_TEXT : decimal.toPlainString();
  }
}
