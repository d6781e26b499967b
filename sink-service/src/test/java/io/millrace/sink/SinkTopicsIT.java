package io.millrace.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the sink makes of topics that are not as they should be. */
@ExtendWith(Servers.class)
class SinkTopicsIT {
  private final List<SinkStage> stages = new ArrayList<>();
  private Servers.Running servers;
  private TestLake lake;
  private TestTopics topics;
  private Topics names;

  @BeforeEach
  void setUp(Servers.Running running, @TempDir Path directory) {
    servers = running;
    lake = new TestLake(servers, new LocalSchemaRegistry(), "http://127.0.0.1:1", directory);
    topics = new TestTopics(lake.pipeline(), lake.registry());
    topics.records().register();
    names = lake.pipeline().topicNames();
  }

  @AfterEach
  void tearDown() {
    stages.forEach(SinkStage::close);
    topics.close();
    lake.close();
  }

  private SinkStage start() {
    SinkStage stage = lake.newStage();
    stages.add(stage);
    stage.start();
    return stage;
  }

  @Test
  void putsPoisonAsideAndGoesOn() {
    // given
    start();
    byte[] poison = "not Avro".getBytes(UTF_8);

    // when
    topics.send(topics.records().click("c", 1, "/a"));
    topics.send(List.of(new TestRecords.Encoded(names.changes("clicks"), poison, poison)));
    topics.send(List.of(new TestRecords.Encoded(names.view("sales"), poison, poison)));
    topics.send(topics.records().click("c", 2, "/b"));
    topics.send(topics.records().sale(1, "NP"));
    topics.flush();

    // then
    awaitRows("silver.clicks", 2);
    awaitRows("bronze.clicks_changes", 2);
    awaitRows("silver.sales", 1);
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () ->
                assertThat(deadLetters())
                    .hasSize(2)
                    .allSatisfy(letter -> assertThat(letter.value()).isEqualTo(poison)));
    assertThat(lake.fatal()).isEmpty();
  }

  @Test
  void takesOutARowWhoseNewestRecordIsPoison() {
    // given rows of a table and of a view
    start();
    TestRecords records = topics.records();
    List<TestRecords.Encoded> first = records.order("c", TestRecords.order(1, "open", "1.00"));
    topics.send(first);
    topics.send(records.order("c", TestRecords.order(2, "open", "2.00")));
    topics.send(records.order("c", TestRecords.order(3, "open", "3.00")));
    topics.send(records.sale(1, "NP"));
    topics.flush();
    awaitRows("silver.orders", 3);
    awaitRows("silver.sales", 1);

    // when a value of each is unreadable, one of another table, one too large for its column
    byte[] key = first.getFirst().key();
    byte[] whole = requireNonNull(first.getFirst().value());
    byte[] cut = Arrays.copyOf(whole, whole.length - 3);
    TestRecords.Encoded sale = records.sale(1, "BE").getFirst();
    byte[] orderKey3 = records.order("u", TestRecords.order(3, "x", "1.00")).getFirst().key();
    topics.send(
        List.of(
            new TestRecords.Encoded(names.changes("orders"), key, cut),
            new TestRecords.Encoded(sale.topic(), sale.key(), key),
            new TestRecords.Encoded(
                names.changes("orders"),
                orderKey3,
                records.click("c", 3, "/").getFirst().value())));
    topics.send(List.of(records.orderOfTooManyDigits(2)));
    topics.send(records.order("c", TestRecords.order(4, "open", "4.00")));
    topics.flush();

    // then
    await()
        .atMost(Duration.ofMinutes(3))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              assertThat(lake.rows("silver.orders"))
                  .extracting(row -> row.get("id"))
                  .containsExactly(4L);
              assertThat(lake.rows("silver.sales")).isEmpty();
              assertThat(deadLetters()).hasSize(4);
            });
    assertThat(lake.rows("bronze.orders_changes")).hasSize(4);
    assertThat(deadLetters())
        .extracting(SinkTopicsIT::message)
        .filteredOn(message -> message.contains("22 digits"))
        .hasSize(1);

    // when they change again
    topics.send(records.order("u", TestRecords.order(2, "paid", "2.00")));
    topics.flush();

    // then
    awaitRows("silver.orders", 2);
    assertThat(lake.fatal()).isEmpty();
  }

  @Test
  void appendsAReplayedChangeOnlyIfItWasReplayedForTheSink() {
    // given
    start();
    TestRecords records = topics.records();
    List<TestRecords.Encoded> order = records.order("c", TestRecords.order(1, "open", "1.00"));
    topics.send(order);
    topics.flush();
    awaitRows("silver.orders", 1);

    // when
    topics.replay(order, "aggregation,enrichment");
    topics.replay(
        records.order("c", TestRecords.order(2, "open", "2.00")), "enrichment," + TestLake.STAGE);
    topics.send(records.order("c", TestRecords.order(3, "open", "3.00")));
    topics.flush();

    // then
    awaitRows("silver.orders", 3);
    assertThat(lake.rows("bronze.orders_changes"))
        .extracting(row -> row.get("id"))
        .containsExactlyInAnyOrder(1L, 2L, 3L);
  }

  @Test
  void putsAChangeOfAnAppendOnlyRowAsideForAllTables() {
    // given
    start();

    // when
    topics.send(topics.records().click("c", 1, "/a"));
    topics.send(topics.records().click("u", 1, "/changed"));
    topics.send(topics.records().click("c", 2, "/b"));
    topics.flush();

    // then
    awaitRows("bronze.clicks_changes", 2);
    awaitRows("silver.clicks", 2);
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () ->
                assertThat(deadLetters())
                    .singleElement()
                    .satisfies(
                        letter -> assertThat(message(letter)).contains("declared append_only")));
  }

  private static String message(ConsumerRecord<byte[], byte[]> letter) {
    return new String(letter.headers().lastHeader("__streams.errors.message").value(), UTF_8);
  }

  @Test
  void refusesASourceTopicThatWasMadeAgain() throws Exception {
    // given
    SinkStage sink = start();
    topics.send(topics.records().click("c", 1, "/a"));
    topics.flush();
    awaitRows("silver.clicks", 1);
    sink.close();

    // when
    recreate(names.changes("clicks"));
    resetOffsets(names.changes("clicks"));
    start();
    topics.send(topics.records().click("c", 2, "/b"));
    topics.flush();

    // then
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () ->
                assertThat(lake.fatal())
                    .anySatisfy(message -> assertThat(message).contains("deleted and made again")));
    assertThat(lake.rows("silver.clicks")).hasSize(1);
  }

  @Test
  void refusesASourceTopicThatIsMadeAgainUnderIt() throws Exception {
    // given
    start();
    topics.send(topics.records().click("c", 1, "/a"));
    topics.send(topics.records().click("c", 2, "/a"));
    topics.send(topics.records().click("c", 3, "/a"));
    topics.flush();
    awaitRows("silver.clicks", 3);

    // when
    recreate(names.changes("clicks"));
    topics.close();
    topics = new TestTopics(lake.pipeline(), lake.registry());
    for (int i = 0; i < 20; i++) {
      topics.send(topics.records().click("c", 100 + i, "/b"));
    }
    topics.flush();

    // then
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(() -> assertThat(lake.fatal()).isNotEmpty());
    assertThat(lake.rows("silver.clicks")).hasSize(3);
  }

  @Test
  void refusesALakeCommitsTopicThatWasMadeAgain() throws Exception {
    // given
    SinkStage sink = start();
    topics.send(topics.records().click("c", 1, "/a"));
    topics.flush();
    awaitRows("silver.clicks", 1);
    sink.close();

    // when
    recreate(names.lakeCommits());
    start();
    topics.send(topics.records().click("c", 2, "/b"));
    topics.flush();

    // then
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () ->
                assertThat(lake.fatal())
                    .anySatisfy(message -> assertThat(message).contains("lake-commits topic")));
    assertThat(lake.rows("silver.clicks")).hasSize(1);
  }

  @Test
  void refusesToBeginAgainOnATableThatHasRows() throws Exception {
    // given
    SinkStage sink = start();
    topics.send(topics.records().click("c", 1, "/a"));
    topics.flush();
    awaitRows("silver.clicks", 1);
    sink.close();

    // when
    resetOffsets(names.changes("clicks"));
    start();

    // then
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () ->
                assertThat(lake.fatal())
                    .anySatisfy(
                        message ->
                            assertThat(message)
                                .contains("records would be applied twice")
                                .contains("reset")));
    assertThat(lake.rows("silver.clicks")).hasSize(1);
  }

  private void recreate(String topic) throws Exception {
    try (Admin admin = admin()) {
      var before =
          admin.describeTopics(List.of(topic)).allTopicNames().get().values().iterator().next();
      var config = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      Map<String, String> settings = new HashMap<>();
      admin.describeConfigs(List.of(config)).all().get().values().stream()
          .flatMap(described -> described.entries().stream())
          .filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
          .forEach(entry -> settings.put(entry.name(), entry.value()));
      admin.deleteTopics(List.of(topic)).all().get();
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(() -> assertThat(admin.listTopics().names().get()).doesNotContain(topic));
      admin
          .createTopics(
              List.of(new NewTopic(topic, before.partitions().size(), (short) 1).configs(settings)))
          .all()
          .get();
    }
  }

  /** As an operator would who wants everything read again, or as Kafka does with old groups. */
  private void resetOffsets(String topic) throws Exception {
    String group = names.applicationId("sink-writer");
    try (Admin admin = admin()) {
      var partitions =
          admin
              .listConsumerGroupOffsets(group)
              .partitionsToOffsetAndMetadata()
              .get()
              .keySet()
              .stream()
              .filter(partition -> partition.topic().equals(topic))
              .collect(Collectors.toSet());
      await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptions()
          .until(
              () -> {
                admin.deleteConsumerGroupOffsets(group, partitions).all().get();
                return true;
              });
    }
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", servers.broker().bootstrapServers()));
  }

  private List<ConsumerRecord<byte[], byte[]>> deadLetters() {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            servers.broker().bootstrapServers(),
            "isolation.level",
            "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partitions =
          consumer.partitionsFor(names.deadLetters(TestLake.STAGE)).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      consumer.poll(Duration.ofSeconds(2)).forEach(records::add);
      return records;
    }
  }

  private void awaitRows(String table, int count) {
    await()
        .atMost(Duration.ofMinutes(3))
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(lake.rows(table)).hasSize(count));
  }
}
