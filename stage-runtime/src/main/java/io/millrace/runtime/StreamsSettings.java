package io.millrace.runtime;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.streams.DeadLetters;
import io.millrace.runtime.streams.FailOnProductionError;
import io.millrace.runtime.streams.PoisonToDeadLetters;
import io.millrace.runtime.streams.UndecodableToDeadLetters;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Settings of Kafka Streams applications: the pipeline file's, and what exactness rests on. */
public final class StreamsSettings {
  private static final String LARGEST_REQUEST_SETTING =
      StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG);

  /** A pipeline stays exact only as long as no one changes these. */
  private static final List<String> FIXED =
      List.of(
          StreamsConfig.APPLICATION_ID_CONFIG,
          StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
          StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG,
          StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG,
          StreamsConfig.STATE_DIR_CONFIG,
          StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
          StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
          StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG,
          LARGEST_REQUEST_SETTING);

  private StreamsSettings() {}

  /**
   * Settings of one Kafka Streams application of a stage: exactly once, small commits, optimised
   * topology with every internal resource named, poison records to the stage's dead letters. To be
   * given to {@code StreamsBuilder.build} as well, which optimises by them.
   *
   * @param applicationId consumer group and prefix of internal topics and transactional ids
   * @param more settings of this application ({@link PipelineFile#streams} for the views): they
   *     replace the defaults
   * @throws IllegalArgumentException when {@code more} holds a setting that exactness rests on
   */
  public static Properties of(
      StageContext context, String applicationId, Map<String, String> more) {
    for (String fixed : FIXED) {
      if (more.containsKey(fixed)) {
        throw new IllegalArgumentException(
            "streams setting '" + fixed + "' is not yours to change: remove it from the file");
      }
    }
    Properties settings = KafkaSettings.client(context.pipeline(), applicationId);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "100");
    settings.put(
        StreamsConfig.REPLICATION_FACTOR_CONFIG,
        String.valueOf(context.pipeline().topics().replicationFactor()));
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    // A killed instance holds its partitions until its session ends: ten seconds, not Kafka's 45.
    settings.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "10000");
    settings.putAll(more);
    // What an application has not read yet it reads whole, whatever 'kafka' says of other clients.
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, context.stateDirectory().toString());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
    settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
    settings.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
        UndecodableToDeadLetters.class);
    settings.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, PoisonToDeadLetters.class);
    settings.put(
        StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, FailOnProductionError.class);
    settings.put(LARGEST_REQUEST_SETTING, String.valueOf(KafkaSettings.LARGEST_REQUEST));
    settings.put(
        StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG),
        String.valueOf(KafkaSettings.LARGEST_REQUEST));
    settings.put(
        KafkaSettings.LARGEST_RECORD_SETTING,
        String.valueOf(KafkaSettings.largestRecord(context.pipeline())));
    settings.put(DeadLetters.SETTING, DeadLetters.of(context));
    return settings;
  }
}
