package io.millrace.benchmarks.workload;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.TopicAdmin;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What it takes to fill topics in cdc-connector's place. */
public final class Fill {
  private Fill() {}

  /** Creates a topic of changes as cdc-connector would. */
  public static void create(PipelineFile pipeline, String topic) {
    try (TopicAdmin admin = new TopicAdmin(pipeline)) {
      admin.ensureCompacted(topic);
    }
  }

  /** A producer of many records. */
  public static KafkaProducer<byte[], byte[]> producer(PipelineFile pipeline) {
    Properties settings = KafkaSettings.client(pipeline, "topic-fill");
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, "20");
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, String.valueOf(256 << 10));
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
