package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.KafkaSettings;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The ids of the change topics, by which a topic is told from one that was created anew. */
final class TopicIds implements AutoCloseable {
  /** Of a topic that is not there. */
  private static final String NONE = "";

  private final PipelineFile pipeline;
  private final Admin admin;

  TopicIds(PipelineFile pipeline) {
    this.pipeline = pipeline;
    this.admin =
        Admin.create(KafkaSettings.client(pipeline, CdcTopics.connectorId(pipeline) + "-topics"));
  }

  /** By the tables' names in the pipeline. */
  SortedMap<String, String> now() throws InterruptedException {
    Map<String, KafkaFuture<TopicDescription>> descriptions =
        admin
            .describeTopics(
                pipeline.source().tables().keySet().stream()
                    .map(pipeline.topicNames()::changes)
                    .toList())
            .topicNameValues();
    SortedMap<String, String> ids = new TreeMap<>();
    for (String table : pipeline.source().tables().keySet()) {
      KafkaFuture<TopicDescription> description =
          descriptions.get(pipeline.topicNames().changes(table));
      ids.put(table, description == null ? NONE : id(description));
    }
    return ids;
  }

  private static String id(KafkaFuture<TopicDescription> description) throws InterruptedException {
    try {
      return description.get().topicId().toString();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return NONE;
      }
      throw new KafkaException(
          "the change topics could not be described: " + DatabaseFailures.message(e), e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(2));
  }
}
