package io.millrace.runtime;

import io.millrace.pipeline.PipelineFile;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Settings of plain Kafka clients, as the pipeline file has them. */
public final class KafkaSettings {
  /**
   * Bytes of the largest record of the pipeline's topics, unless {@code max.request.size} of the
   * file's {@code kafka} says otherwise; Kafka's own default.
   */
  public static final int LARGEST_RECORD = 1 << 20;

  /** The setting under which a topology finds what {@link #largestRecord} says. */
  public static final String LARGEST_RECORD_SETTING = "millrace.largest.record";

  /**
   * Bytes of what a stage may send to itself, its dead letters and the lake's committer: a join's
   * answers and a change of a group hold two rows, a dead letter has headers, a descriptor lists
   * the files of an epoch.
   */
  public static final int LARGEST_REQUEST = 16 << 20;

  private KafkaSettings() {}

  /**
   * Settings of a plain producer, consumer or admin client: the file's {@code kafka} settings as
   * they stand, and the client's id.
   */
  public static Properties client(PipelineFile pipeline, String clientId) {
    Properties settings = new Properties();
    settings.putAll(pipeline.kafka());
    settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    return settings;
  }

  /** Bytes of the largest record that the pipeline's topics of changes and rows take. */
  public static int largestRecord(PipelineFile pipeline) {
    String asked = pipeline.kafka().get(ProducerConfig.MAX_REQUEST_SIZE_CONFIG);
    return asked == null ? LARGEST_RECORD : Integer.parseInt(asked);
  }
}
