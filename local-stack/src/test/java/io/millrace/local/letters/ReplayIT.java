package io.millrace.local.letters;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.local.StackException;
import io.millrace.local.shop.Shop;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import io.millrace.runtime.testing.KafkaBroker;
import io.millrace.schemas.DeadLetter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replay against a real broker: it never undoes newer data. */
final class ReplayIT {
  private static final String ENRICHMENT = "enrichment";

  private static KafkaBroker broker;
  private static PipelineFile pipeline;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    broker = KafkaBroker.start(directory.resolve("broker"));
    pipeline =
        PipelineFileReader.read(
            Shop.writePipelineFile(directory.resolve("pipeline.yaml")),
            Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers()));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static Map<String, Outcome> replay(List<Letter> letters) {
    try (Replay replay = Replay.of(pipeline)) {
      return byId(replay.run(letters));
    }
  }

  private static Map<String, Outcome> byId(Map<Letter, Outcome> outcomes) {
    Map<String, Outcome> byId = new HashMap<>();
    outcomes.forEach((letter, outcome) -> byId.put(letter.id(), outcome));
    return byId;
  }

  @Test
  void aRecordIsReplayedForAllStagesThatCouldNotUseItUnlessSomethingNewerIsThere()
      throws Exception {
    // given a record that two stages complain about, and one that was changed since
    LetterTopic topic = new LetterTopic(pipeline, "guarded");
    long one = topic.write("a", "1");
    long outdated = topic.write("b", "1");
    long newer = topic.write("b", "2");
    topic.complain(LetterTopic.STAGE, one, "a", "1");
    topic.complain(ENRICHMENT, one, "a", "1");
    topic.complain(LetterTopic.STAGE, outdated, "b", "1");
    List<Letter> open = topic.open();
    assertThat(open).hasSize(3);

    // when rehearsed
    try (Replay rehearsal = Replay.rehearsal(pipeline)) {
      assertThat(rehearsal.run(open).values())
          .extracting(Outcome::kind)
          .containsExactlyInAnyOrder(
              Outcome.Kind.REPLAYED, Outcome.Kind.REPLAYED, Outcome.Kind.SUPERSEDED);
    }

    // then nothing happened
    assertThat(topic.records()).hasSize(3);
    assertThat(topic.open()).hasSize(3);

    // when replayed
    assertThat(replay(open).values()).contains(Outcome.superseded(newer));

    // then
    List<ConsumerRecord<byte[], byte[]>> records = topic.records();
    assertThat(records).hasSize(4);
    ConsumerRecord<byte[], byte[]> replayed = records.getLast();
    assertThat(replayed.key()).isEqualTo("a".getBytes(UTF_8));
    assertThat(replayed.value()).isEqualTo("1".getBytes(UTF_8));
    assertThat(replayed.timestamp()).isEqualTo(1000);
    assertThat(LetterTopic.header(replayed, DeadLetter.REPLAY_FOR))
        .isEqualTo("enrichment,sink-service");
    assertThat(LetterTopic.header(replayed, DeadLetter.ERROR)).isNull();
    assertThat(topic.open()).isEmpty();
  }

  @Test
  void whatCannotBeReplayedIsRefusedWithTheRemedy() throws Exception {
    // given a letter whose record is gone, one of a joined row, one of cdc-connector
    LetterTopic topic = new LetterTopic(pipeline, "refused");
    topic.write("a", "other");
    topic.complain(LetterTopic.STAGE, 0, "a", "1");
    var joined = topic.letter(ENRICHMENT, 0, "a", "other");
    joined.headers().add(DeadLetter.DERIVED, "true".getBytes(UTF_8));
    var formless = topic.letter("cdc-connector", 0, "a", "{}");
    formless.headers().remove(DeadLetter.OFFSET);
    try (KafkaProducer<byte[], byte[]> producer = topic.producer(null)) {
      producer.send(joined).get();
      producer.send(formless).get();
    }

    // when
    Map<String, Outcome> outcomes = replay(topic.open());

    // then
    assertThat(outcomes.values())
        .extracting(Outcome::toString)
        .anyMatch(text -> text.contains("compacted away"))
        .anyMatch(text -> text.contains("mend the row in the source, or the SQL"))
        .anyMatch(text -> text.contains("take a snapshot of it"));
    assertThat(topic.records()).hasSize(1);
    assertThat(topic.open()).hasSize(2);
  }

  @Test
  void aReplayWaitsForOpenTransactionsAndOneReplayEndsAnother() throws Exception {
    // given something newer in a transaction that is open
    LetterTopic topic = new LetterTopic(pipeline, "open");
    long offset = topic.write("a", "1");
    topic.complain(LetterTopic.STAGE, offset, "a", "1");
    List<Letter> open = topic.open();
    try (KafkaProducer<byte[], byte[]> producer = topic.producer("open");
        ExecutorService threads = Executors.newSingleThreadExecutor();
        Replay first = Replay.of(pipeline)) {
      producer.initTransactions();
      producer.beginTransaction();
      long newer = producer.send(topic.record("a", "2")).get().offset();

      // when
      Future<Map<Letter, Outcome>> replaying = threads.submit(() -> first.run(open));
      producer.commitTransaction();

      // then
      assertThat(replaying.get().values()).containsExactly(Outcome.superseded(newer));

      // when
      long another = topic.write("b", "1");
      topic.complain(LetterTopic.STAGE, another, "b", "1");
      List<Letter> next = topic.open();
      try (Replay second = Replay.of(pipeline)) {
        // then
        assertThatThrownBy(() -> first.run(next))
            .isInstanceOf(StackException.class)
            .hasMessageContaining("another replay");
        assertThat(second.run(next).values())
            .extracting(Outcome::kind)
            .containsExactly(Outcome.Kind.REPLAYED);
      }
    }
    assertThat(topic.records()).hasSize(4);
  }

  /**
   * Letters of random records are replayed in random order while the topic goes on; the topic must
   * say of every key what its writers said last.
   */
  @Test
  void replayInAnyOrderBesideNewDataNeverUndoesIt() throws Exception {
    for (long seed = 1; seed <= 3; seed++) {
      // given
      LetterTopic topic = new LetterTopic(pipeline, "random" + seed);
      Random random = new Random(seed);
      List<Outcome> outcomes = new ArrayList<>();
      try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
        Future<?> writing = threads.submit(() -> write(topic, new Random(~random.nextLong())));

        // when
        while (!writing.isDone()) {
          List<Letter> open = topic.open();
          Collections.shuffle(open, random);
          outcomes.addAll(replay(open.subList(0, random.nextInt(open.size() + 1))).values());
        }
        writing.get();
      }
      List<Letter> rest = topic.open();
      Collections.shuffle(rest, random);
      Map<String, Outcome> last = replay(rest);
      outcomes.addAll(last.values());

      // then
      assertThat(last.values()).allMatch(Outcome::settles);
      assertThat(topic.open()).isEmpty();
      List<ConsumerRecord<byte[], byte[]>> records = topic.records();
      assertThat(records)
          .as("what came of letters with seed %d", seed)
          .extracting(ConsumerRecord::offset)
          .containsAll(offsets(outcomes, Outcome.Kind.REPLAYED))
          .containsAll(offsets(outcomes, Outcome.Kind.SUPERSEDED));
      assertNothingUndone(records);
    }
  }

  private static List<Long> offsets(List<Outcome> outcomes, Outcome.Kind kind) {
    List<Long> offsets =
        outcomes.stream()
            .filter(outcome -> outcome.kind() == kind)
            .map(outcome -> Objects.requireNonNull(outcome.offset()))
            .toList();
    assertThat(offsets).isNotEmpty();
    return offsets;
  }

  /** Transactions of records, of which some abort, and letters about some of the records. */
  private static @Nullable Void write(LetterTopic topic, Random random) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = topic.producer(topic.name());
        KafkaProducer<byte[], byte[]> stage = topic.producer(topic.name() + "-letters")) {
      producer.initTransactions();
      stage.initTransactions();
      for (int transaction = 0; transaction < 150; transaction++) {
        producer.beginTransaction();
        stage.beginTransaction();
        for (int i = random.nextInt(4); i >= 0; i--) {
          String key = "k" + random.nextInt(12);
          String value = random.nextInt(5) == 0 ? null : "v" + transaction + "-" + i;
          RecordMetadata at = producer.send(topic.record(key, value)).get();
          if (value != null && random.nextInt(3) == 0) {
            stage.send(topic.letter(LetterTopic.STAGE, at.offset(), key, value)).get();
            if (random.nextBoolean()) {
              stage.send(topic.letter(ENRICHMENT, at.offset(), key, value)).get();
            }
          }
        }
        if (random.nextInt(6) == 0) {
          producer.abortTransaction();
          stage.abortTransaction();
        } else {
          producer.commitTransaction();
          stage.commitTransaction();
        }
      }
    }
    return null;
  }

  private static void assertNothingUndone(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, ConsumerRecord<byte[], byte[]>> written = new HashMap<>();
    Map<String, @Nullable String> now = new HashMap<>();
    Map<String, @Nullable String> meant = new HashMap<>();
    List<String> seen = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      String key = new String(record.key(), UTF_8);
      String value = record.value() == null ? null : new String(record.value(), UTF_8);
      String replayOf = LetterTopic.header(record, DeadLetter.REPLAY_OF);
      now.put(key, value);
      if (replayOf == null) {
        meant.put(key, value);
        written.put(key, record);
      } else {
        assertThat(String.valueOf(Objects.requireNonNull(written.get(key)).offset()))
            .as("what was written last when a record was replayed at offset %d", record.offset())
            .isEqualTo(replayOf);
        String stages = LetterTopic.header(record, DeadLetter.REPLAY_FOR);
        for (String stage : Objects.requireNonNull(stages).split(",", -1)) {
          seen.add(stage + replayOf);
        }
      }
    }
    assertThat(now).isEqualTo(meant);
    assertThat(seen).as("replays for a stage").doesNotHaveDuplicates();
  }
}
