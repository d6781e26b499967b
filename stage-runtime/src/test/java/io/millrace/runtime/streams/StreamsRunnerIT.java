package io.millrace.runtime.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.Pipelines;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus.State;
import io.millrace.runtime.StreamsSettings;
import io.millrace.runtime.TopicAdmin;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.testing.KafkaBroker;
import io.millrace.runtime.testing.RegistryProcess;
import io.millrace.schemas.DeadLetter;
import io.millrace.schemas.Row;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** An application on a real broker and registry: what is poison, what passes, what is the end. */
final class StreamsRunnerIT {
  private static final Schema NUMBER =
      SchemaBuilder.record("number").fields().requiredInt("value").endRecord();

  private static KafkaBroker broker;
  private static RegistryProcess registry;

  @TempDir Path state;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<String> fatal = new CopyOnWriteArrayList<>();
  private final AtomicBoolean failing = new AtomicBoolean();
  private String in = "";
  private String out = "";
  private @Nullable StreamsRunner runner;

  @BeforeAll
  static void start(@TempDir Path directory) {
    broker = KafkaBroker.start(directory.resolve("broker"));
    registry = RegistryProcess.start(directory.resolve("registry"));
  }

  @AfterAll
  static void stop() {
    registry.close();
    broker.close();
  }

  @BeforeEach
  void topics(TestInfo test) {
    in = "shop.cdc." + test.getDisplayName().replaceAll("[^A-Za-z]", "");
    out = in + "_out";
    try (TopicAdmin topics = new TopicAdmin(pipeline())) {
      topics.ensureCompacted(in);
      topics.ensureCompacted(out);
    }
  }

  @AfterEach
  void close() {
    if (runner != null) {
      runner.close();
    }
  }

  private static PipelineFile pipeline() {
    return Pipelines.pipeline(broker.bootstrapServers(), registry.url(), 1, "orders");
  }

  /** Copies numbers; fails on zero, and on every number while {@link #failing}. */
  private StreamsRunner start(String application) {
    StageContext context =
        new StageContext(
            application,
            pipeline(),
            state,
            new HttpSchemaRegistry(pipeline().registry(), Duration.ofSeconds(3)),
            meters,
            fatal::add);
    RowSerde values = new RowSerde(context.registry(), in + "-value", NUMBER);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(in, Consumed.with(Serdes.ByteArray(), values).withName("numbers"))
        .mapValues(this::inverse, Named.as("inverse"))
        .to(out, Produced.with(Serdes.ByteArray(), serde(out)).withName("inverses"));
    Properties settings =
        StreamsSettings.of(context, pipeline().topicNames().applicationId(application), Map.of());
    Topology topology = builder.build(settings);
    StreamsRunner started = new StreamsRunner(context, "shop." + application, topology, settings);
    runner = started;
    started.start();
    return started;
  }

  private Row inverse(Row row) {
    if (failing.get()) {
      throw new StoreFailure();
    }
    try {
      return new Row(NUMBER, new @Nullable Object[] {100 / (Integer) row.values()[0]});
    } catch (ArithmeticException e) {
      throw new PoisonRecordException("inverses", "value", e);
    }
  }

  /** A failure that says nothing about the record, as of a store or a broker. */
  private static final class StoreFailure extends KafkaException {
    private static final long serialVersionUID = 1L;

    StoreFailure() {
      super("the disk is full");
    }
  }

  private static RowSerde serde(String topic) {
    return new RowSerde(new HttpSchemaRegistry(pipeline().registry()), topic + "-value", NUMBER);
  }

  /** Threads that fail are what these tests are about, not a reason to give up. */
  private static ConditionFactory patiently() {
    return await().dontCatchUncaughtExceptions().atMost(Duration.ofMinutes(3));
  }

  private void awaitServing(StreamsRunner started) {
    patiently().until(() -> started.status().state() == State.SERVING);
  }

  @Test
  void poisonGoesToDeadLettersWithItsReasonAndTheRestGoesOn() throws Exception {
    // given
    StreamsRunner started = start("poison");
    byte[] undecodable = "not avro".getBytes(UTF_8);
    byte[] zero = number(0);

    // when
    send(List.of(number(1), undecodable, zero, number(4)));

    // then
    assertThat(numbers(out, 2)).containsExactly(100, 25);
    List<ConsumerRecord<byte[], byte[]>> letters = read("shop.dead-letters.poison", 2);
    assertThat(letters.get(0).value()).isEqualTo(undecodable);
    assertThat(letters.get(0).key()).isEqualTo("k1".getBytes(UTF_8));
    assertThat(header(letters.get(0), DeadLetter.STAGE)).isEqualTo("poison");
    assertThat(header(letters.get(0), DeadLetter.TOPIC)).isEqualTo(in);
    assertThat(header(letters.get(0), DeadLetter.PARTITION)).isEqualTo("0");
    assertThat(header(letters.get(0), DeadLetter.OFFSET)).isEqualTo("1");
    assertThat(header(letters.get(0), DeadLetter.TIMESTAMP))
        .isEqualTo(String.valueOf(letters.get(0).timestamp()));
    assertThat(header(letters.get(0), DeadLetter.ERROR)).endsWith("SerializationException");
    assertThat(letters.get(1).value()).isEqualTo(zero);
    assertThat(header(letters.get(1), DeadLetter.OFFSET)).isEqualTo("2");
    assertThat(header(letters.get(1), DeadLetter.OPERATOR)).isEqualTo("inverse");
    assertThat(header(letters.get(1), DeadLetter.ERROR)).isEqualTo("java.lang.ArithmeticException");
    assertThat(header(letters.get(1), DeadLetter.VIEW)).isEqualTo("inverses");
    assertThat(header(letters.get(1), DeadLetter.FIELD)).isEqualTo("value");
    assertThat(header(letters.get(1), DeadLetter.MESSAGE)).isEqualTo("/ by zero");
    assertThat(meters.counter("millrace.dead.letters", "topic", in).count()).isEqualTo(2);
    awaitServing(started);
    assertThat(meters.get("millrace.consumer.lag.records").gauge().value()).isZero();
    assertThat(fatal).isEmpty();
  }

  @Test
  void aRegistryThatIsAwayMakesNoDeadLetters() throws Exception {
    // given
    StreamsRunner started = start("outage");
    byte[] known = number(5);
    awaitServing(started);
    registry.kill();
    send(List.of(known));
    patiently().until(() -> started.status().state() == State.DEGRADED);

    // when
    registry.restart();
    number(5); // registers the schema again, under the same first id

    // then
    assertThat(numbers(out, 1)).containsExactly(20);
    awaitServing(started);
    assertThat(meters.counter("millrace.dead.letters", "topic", in).count()).isZero();
    assertThat(fatal).isEmpty();
  }

  @Test
  void aThreadThatFailsIsReplacedAndTheRecordTriedAgain() throws Exception {
    // given
    failing.set(true);
    StreamsRunner started = start("failing");
    send(List.of(number(2)));
    patiently().until(() -> started.status().state() == State.DEGRADED);
    assertThat(started.status().detail()).contains("the disk is full");

    // when
    failing.set(false);

    // then
    assertThat(numbers(out, 1)).containsExactly(50);
    awaitServing(started);
    assertThat(meters.counter("millrace.dead.letters", "topic", in).count()).isZero();
  }

  @Test
  void aBrokerThatIsAwayIsNotServing() throws Exception {
    // given
    StreamsRunner started = start("broker");
    awaitServing(started);

    // when
    broker.kill();

    // then
    patiently().until(() -> started.status().state() == State.DEGRADED);

    // when
    broker.restart();

    // then
    awaitServing(started);
    send(List.of(number(2)));
    assertThat(numbers(out, 1)).containsExactly(50);
  }

  private byte[] number(int value) {
    return serde(in).serializer().serialize(in, new Row(NUMBER, new @Nullable Object[] {value}));
  }

  private void send(List<byte[]> values) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", broker.bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < values.size(); i++) {
        producer.send(new ProducerRecord<>(in, ("k" + i).getBytes(UTF_8), values.get(i))).get();
      }
    }
  }

  private List<Integer> numbers(String topic, int count) {
    List<Integer> numbers = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : read(topic, count)) {
      Row row = serde(topic).deserializer().deserialize(topic, record.value());
      numbers.add((Integer) row.get(0));
    }
    return numbers;
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(String topic, int count) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            broker.bootstrapServers(),
            "group.id",
            "test-" + System.nanoTime(),
            "auto.offset.reset",
            "earliest",
            "isolation.level",
            "read_committed");
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(topic));
      patiently()
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                return records.size() >= count;
              });
    }
    return records;
  }

  private static String header(ConsumerRecord<?, ?> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }
}
