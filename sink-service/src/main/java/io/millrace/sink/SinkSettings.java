package io.millrace.sink;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Kafka Streams settings of the sink's two applications, beyond those of every stage. */
final class SinkSettings {
  /** How often the committer commits what it has received: what it adds to the age of a row. */
  private static final Duration COMMITTER_INTERVAL = Duration.ofMillis(100);

  /** How long closing and uploading an epoch's files, or a round of Iceberg commits, may take. */
  static final Duration LONGEST_HOOK = Duration.ofSeconds(60);

  private SinkSettings() {}

  /**
   * Settings of the writer.
   *
   * @param commitEvery length of an epoch
   */
  static Map<String, String> writer(Duration commitEvery) {
    return Map.of(
        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
        millis(commitEvery),
        // A task reads one partition: there is no other to wait for.
        StreamsConfig.MAX_TASK_IDLE_MS_CONFIG,
        String.valueOf(StreamsConfig.MAX_TASK_IDLE_MS_DISABLED),
        // A dead letter may open the transaction when the epoch begins.
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        millis(commitEvery.plus(LONGEST_HOOK)),
        StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG),
        "zstd");
  }

  /** Settings of the committer. */
  static Map<String, String> committer() {
    return Map.of(
        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
        millis(COMMITTER_INTERVAL),
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        millis(COMMITTER_INTERVAL.plus(LONGEST_HOOK)));
  }

  private static String millis(Duration duration) {
    return String.valueOf(duration.toMillis());
  }
}
