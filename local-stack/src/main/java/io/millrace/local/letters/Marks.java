package io.millrace.local.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.local.StackException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What has become of letters, as records: key is the letter's name, value JSON. */
final class Marks {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Marks() {}

  static ProducerRecord<byte[], byte[]> record(String topic, Letter letter, Outcome outcome) {
    try {
      return new ProducerRecord<>(
          topic, letter.id().getBytes(UTF_8), JSON.writeValueAsBytes(outcome));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void read(ConsumerRecord<byte[], byte[]> mark, Map<String, Outcome> outcomes) {
    try {
      outcomes.put(new String(mark.key(), UTF_8), JSON.readValue(mark.value(), Outcome.class));
    } catch (IOException e) {
      throw new StackException(
          "topic %s holds something at partition %d offset %d that no replay wrote"
              .formatted(mark.topic(), mark.partition(), mark.offset()),
          e);
    }
  }
}
