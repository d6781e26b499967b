package io.millrace.sink.commit;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/** Kafka's ids of topics: a topic that was deleted and made again has another. Thread-safe. */
public final class TopicIds {
  private final Admin admin;

  /** Ids by {@code admin}, which stays the caller's to close. */
  public TopicIds(Admin admin) {
    this.admin = admin;
  }

  /**
   * The ids of topics, asked of the broker now.
   *
   * @throws KafkaException when one does not exist or the broker does not answer
   */
  public Map<String, String> of(Collection<String> topics) {
    try {
      Map<String, String> ids = new HashMap<>();
      admin
          .describeTopics(topics)
          .allTopicNames()
          .get()
          .forEach((topic, description) -> ids.put(topic, description.topicId().toString()));
      return ids;
    } catch (ExecutionException e) {
      throw new KafkaException(
          "could not ask for the ids of topics " + topics + ": " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while asking for the ids of topics " + topics, e);
    }
  }

  /** The id of one topic. */
  public String of(String topic) {
    String id = of(List.of(topic)).get(topic);
    if (id == null) {
      throw new KafkaException("the broker did not say the id of topic " + topic);
    }
    return id;
  }
}
