package io.millrace.sink.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.millrace.runtime.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hook runs in the transaction of the offsets, or not at all. */
class HookedProducerIT {
  private static final TopicPartition SOURCE = new TopicPartition("source", 0);

  private static KafkaBroker broker;

  @SuppressWarnings("removal") // the only way to make one
  private static ConsumerGroupMetadata group;

  private static int producers;

  private final List<Map<TopicPartition, Long>> hooked = new ArrayList<>();
  private final List<Map<TopicPartition, Long>> committed = new ArrayList<>();
  private String topic;
  private @Nullable RuntimeException fault;
  private HookedProducer producer;

  @BeforeAll
  static void startBroker(@TempDir Path directory) throws Exception {
    broker = KafkaBroker.start(directory);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic("source", 1, (short) 1))).all().get();
    }
    group = group();
  }

  private static ConsumerGroupMetadata group() {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", broker.bootstrapServers(), "group.id", "group");
    try (KafkaConsumer<byte[], byte[]> member =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      return member.groupMetadata();
    }
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void open() throws Exception {
    // What one test leaves open must not hide the records of the next.
    topic = "descriptors" + producers;
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
    producer = newProducer("id" + producers++);
    producer.initTransactions();
  }

  private HookedProducer newProducer(String id) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", broker.bootstrapServers());
    settings.put("transactional.id", id);
    settings.put("transaction.timeout.ms", "60000");
    settings.put("max.block.ms", "4000");
    settings.put("request.timeout.ms", "2000");
    settings.put("delivery.timeout.ms", "4000");
    return new HookedProducer(settings, new Recording());
  }

  @AfterEach
  void close() {
    producer.close(Duration.ZERO);
  }

  private final class Recording implements CommitHook {
    @Override
    public List<ProducerRecord<byte[], byte[]>> beforeCommit(Map<TopicPartition, Long> offsets) {
      hooked.add(offsets);
      if (fault != null) {
        throw fault;
      }
      return List.of(descriptor("of " + offsets));
    }

    @Override
    public void committed(Map<TopicPartition, Long> offsets) {
      committed.add(offsets);
    }
  }

  @Test
  void sendsTheHooksRecordsInTheTransaction() {
    // given
    long before = readable();
    producer.beginTransaction();

    // when
    producer.sendOffsetsToTransaction(Map.of(SOURCE, new OffsetAndMetadata(7)), group);
    long during = readable();
    producer.commitTransaction();

    // then
    assertThat(during).isEqualTo(before);
    await().untilAsserted(() -> assertThat(readable()).isEqualTo(before + 1));
    assertThat(hooked).containsExactly(Map.of(SOURCE, 7L));
    assertThat(committed).containsExactly(Map.of(SOURCE, 7L));
  }

  @Test
  void leavesTheHookAloneWhenThereAreNoOffsets() {
    // given
    producer.beginTransaction();

    // when
    producer.sendOffsetsToTransaction(Map.of(), group);
    producer.commitTransaction();

    // then
    assertThat(hooked).isEmpty();
    assertThat(committed).isEmpty();
  }

  @Test
  void makesATimeoutOfTheHookFatal() {
    // given
    fault = new TimeoutException("of a send");
    producer.beginTransaction();

    // when
    Throwable thrown =
        catchThrowable(
            () ->
                producer.sendOffsetsToTransaction(Map.of(SOURCE, new OffsetAndMetadata(7)), group));

    // then
    assertThat(thrown).isExactlyInstanceOf(KafkaException.class).hasCause(fault);
  }

  @Test
  void makesEveryOtherFailureOfTheHookFatal() {
    // given
    fault = new IllegalStateException("no space left");
    producer.beginTransaction();

    // when, then
    assertThatThrownBy(
            () ->
                producer.sendOffsetsToTransaction(Map.of(SOURCE, new OffsetAndMetadata(7)), group))
        .isExactlyInstanceOf(KafkaException.class)
        .hasMessageContaining("no space left")
        .hasCause(fault);
  }

  @Test
  void makesATimeoutOfTheCommitFatal() {
    // given
    producer.beginTransaction();
    producer.sendOffsetsToTransaction(Map.of(SOURCE, new OffsetAndMetadata(7)), group);

    // when
    broker.kill();
    Throwable thrown = catchThrowable(() -> producer.commitTransaction());
    producer.close(Duration.ZERO);
    broker.restart();

    // then
    assertThat(thrown)
        .isExactlyInstanceOf(KafkaException.class)
        .hasCauseInstanceOf(TimeoutException.class);
    assertThat(committed).isEmpty();
  }

  @Test
  void abortsAtOnceWhatIsOpenWhenItCloses() {
    // given
    long before = readable();
    producer.beginTransaction();
    producer.sendOffsetsToTransaction(Map.of(SOURCE, new OffsetAndMetadata(7)), group);

    // when
    producer.close(Duration.ofSeconds(5));
    try (HookedProducer next = newProducer("next")) {
      next.initTransactions();
      next.beginTransaction();
      next.sendOffsetsToTransaction(Map.of(SOURCE, new OffsetAndMetadata(8)), group);
      next.commitTransaction();
    }

    // then: a transaction that stayed open would hide what was committed after it
    await().untilAsserted(() -> assertThat(readable()).isEqualTo(before + 1));
  }

  @Test
  void abortsAtOnceWhatAKilledProcessLeftOpen() {
    // given: a producer that is never closed
    long before = readable();
    HookedProducer killed = newProducer("same");
    killed.initTransactions();
    killed.beginTransaction();
    killed.sendOffsetsToTransaction(Map.of(SOURCE, new OffsetAndMetadata(7)), group);

    // when
    try (HookedProducer next = newProducer("same")) {
      next.initTransactions();
      next.beginTransaction();
      next.sendOffsetsToTransaction(Map.of(SOURCE, new OffsetAndMetadata(8)), group);
      next.commitTransaction();
    }

    // then
    await().untilAsserted(() -> assertThat(readable()).isEqualTo(before + 1));
    assertThat(catchThrowable(killed::commitTransaction)).isInstanceOf(KafkaException.class);
    killed.close(Duration.ZERO);
  }

  private ProducerRecord<byte[], byte[]> descriptor(String text) {
    return new ProducerRecord<>(topic, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Records of the topic that a reader of committed records finds. */
  private long readable() {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed");
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).values().iterator().next();
      long count = 0;
      while (consumer.position(partition) < end) {
        count += consumer.poll(Duration.ofMillis(200)).count();
      }
      return count;
    }
  }
}
