package io.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.testing.KafkaBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TopicAdminIT {
  private static KafkaBroker broker;

  @BeforeAll
  static void start(@TempDir Path directory) {
    broker = KafkaBroker.start(directory);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static TopicAdmin topics(int partitions) {
    return new TopicAdmin(
        Pipelines.pipeline(broker.bootstrapServers(), "http://localhost:1", partitions, "orders"));
  }

  @Test
  void createsTopicsAsDeclaredAndFindsThemRightAgain() throws Exception {
    // given
    try (TopicAdmin topics = topics(3)) {
      // when
      for (int i = 0; i < 2; i++) {
        topics.ensureCompacted("shop.cdc.a");
        topics.ensureRetained("shop.lake-commits", 2, Duration.ofDays(7));
        topics.ensureDeadLetters("shop.dead-letters.a");
        topics.ensureOffsets("shop.cdc-offsets");
      }
    }

    // then
    assertThat(configs("shop.cdc.a"))
        .containsEntry("cleanup.policy", "compact")
        .containsEntry("min.compaction.lag.ms", "604800000");
    assertThat(configs("shop.lake-commits"))
        .containsEntry("cleanup.policy", "delete")
        .containsEntry("retention.ms", "604800000");
    assertThat(configs("shop.dead-letters.a")).containsEntry("retention.ms", "-1");
    assertThat(configs("shop.cdc-offsets")).containsEntry("cleanup.policy", "compact");
    assertThat(partitions("shop.cdc.a")).isEqualTo(3);
    assertThat(partitions("shop.lake-commits")).isEqualTo(2);
    assertThat(partitions("shop.cdc-offsets")).isEqualTo(1);
  }

  @Test
  void refusesATopicThatContradictsTheDeclarationAndSaysEverythingToDo() throws Exception {
    // given
    create("shop.cdc.b", 1, Map.of("cleanup.policy", "delete", "min.compaction.lag.ms", "5"));

    // when / then
    try (TopicAdmin topics = topics(2)) {
      assertThatThrownBy(() -> topics.ensureCompacted("shop.cdc.b"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("shop.cdc.b")
          .hasMessageContaining("it has 1 partitions, not 2")
          .hasMessageContaining("cleanup.policy is delete, not compact")
          .hasMessageContaining("min.compaction.lag.ms is 5, not 604800000")
          .hasMessageContaining("--add-config cleanup.policy=compact");
    }
  }

  @Test
  void acceptsATopicThatKeepsRecordsLonger() throws Exception {
    // given
    create(
        "shop.cdc.c",
        2,
        Map.of("cleanup.policy", "compact", "min.compaction.lag.ms", "9999999999"));
    create(
        "shop.commits.c",
        2,
        Map.of("cleanup.policy", "delete", "retention.ms", "-1", "max.message.bytes", "99999999"));

    // when / then
    try (TopicAdmin topics = topics(2)) {
      assertThatCode(() -> topics.ensureCompacted("shop.cdc.c")).doesNotThrowAnyException();
      assertThatCode(() -> topics.ensureRetained("shop.commits.c", 2, Duration.ofDays(7)))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void refusesMoreReplicasThanThereAreBrokers() {
    // given
    var pipeline =
        Pipelines.replicated(
            Pipelines.pipeline(broker.bootstrapServers(), "http://localhost:1", 1, "orders"), 3);

    // when / then
    try (TopicAdmin topics = new TopicAdmin(pipeline)) {
      assertThatThrownBy(() -> topics.ensureCompacted("shop.cdc.d"))
          .isInstanceOf(KafkaException.class)
          .hasMessageContaining("create topic shop.cdc.d")
          .hasMessageContaining(broker.bootstrapServers())
          .hasMessageContaining("replication factor");
    }
  }

  private static void create(String topic, int partitions, Map<String, String> configs)
      throws Exception {
    try (Admin admin = admin()) {
      admin
          .createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs)))
          .all()
          .get();
    }
  }

  private static Map<String, String> configs(String topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = admin()) {
      return DeclaredTopic.values(
          admin.describeConfigs(List.of(resource)).all().get().get(resource));
    }
  }

  private static int partitions(String topic) throws Exception {
    try (Admin admin = admin()) {
      return admin
          .describeTopics(List.of(topic))
          .allTopicNames()
          .get()
          .values()
          .iterator()
          .next()
          .partitions()
          .size();
    }
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }
}
