package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.TopicAdmin;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Servers.Extension.class)
class LiveKeysIT {
  private static final SourceOffset OFFSET =
      new SourceOffset(Lsn.place(1), 1, new TreeMap<>(), Footing.unknown("system"), 0);

  private final PipelineFile file;
  private final CdcSettings settings;
  private final String topic;
  private final TransactionLog log;

  LiveKeysIT(Servers servers) {
    String name = servers.nextName();
    this.file =
        RunningConnector.file(servers, Database.config(servers, name), name, Map.of(), "item");
    this.settings = CdcSettings.of(file);
    this.topic = file.topicNames().changes("item");
    try (TopicAdmin admin = new TopicAdmin(file)) {
      admin.ensureCompacted(topic);
      admin.ensureOffsets(CdcTopics.offsets(file));
    }
    this.log = TransactionLog.open(file, settings.capture());
  }

  @BeforeEach
  void writeHistory() {
    for (int i = 0; i < 100; i++) {
      send("k" + i, "old");
    }
    send("k1", null);
    log.commit(OFFSET);
    send("k2", "aborted");
    send("k3", null);
    log.abort();
    send("k4", "new");
    log.commit(OFFSET);
  }

  @AfterEach
  void close() {
    log.close();
  }

  private void send(String key, @Nullable String value) {
    log.send(new ProducerRecord<>(topic, bytes(key), value == null ? null : bytes(value)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Map<String, String> alive(Map<Integer, Long> before) {
    Map<String, String> alive = new TreeMap<>();
    new LiveKeys(file, log)
        .forEachBefore(
            topic,
            before,
            row -> assertThat(alive.put(text(row.key()), text(row.value()))).isNull());
    return alive;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void seesWhatIsCommittedAndItsOwnOpenTransaction() {
    // given
    Map<String, String> committed = new TreeMap<>();
    new LiveKeys(file, log)
        .forEach(topic, Map.of(), row -> committed.put(text(row.key()), text(row.value())));
    send("k5", null);
    send("k6", "open");
    send("k100", "open");
    send("k7", null);
    send("k7", "again");

    // when
    Map<String, String> open = alive(new LiveKeys(file, log).ends(topic));

    // then
    assertThat(committed).hasSize(99).containsEntry("k2", "old").containsEntry("k4", "new");
    assertThat(committed).containsKey("k3").doesNotContainKey("k1");
    assertThat(open).hasSize(99).containsEntry("k2", "old").doesNotContainKey("k5");
    assertThat(open).containsEntry("k6", "open").containsEntry("k100", "open");
    assertThat(open).containsEntry("k7", "again");
  }

  @Test
  void tellsWhatWasNotWrittenSince() {
    // given
    Map<Integer, Long> marks = new LiveKeys(file, log).ends(topic);
    for (int i = 0; i < 90; i++) {
      send("k" + i, "seen");
    }
    log.commit(OFFSET);
    send("k95", "open");
    send("k96", null);

    // when
    Map<String, String> vanished = alive(marks);

    // then
    assertThat(vanished.keySet())
        .containsExactly("k90", "k91", "k92", "k93", "k94", "k97", "k98", "k99");
  }

  @Test
  void readsOnFromWhereTheTableWasEmpty() {
    // given
    LiveKeys keys = new LiveKeys(file, log);
    Map<Integer, Long> emptied = keys.ends(topic);
    send("k1", "own");
    send("k2", "own");
    send("k2", null);
    Map<String, String> given = new TreeMap<>();

    // when
    keys.forEach(topic, emptied, row -> given.put(text(row.key()), text(row.value())));
    keys.forEach(topic, keys.ends(topic), row -> given.put("none", "none"));

    // then
    assertThat(given).containsExactly(Map.entry("k1", "own"));
  }

  @Test
  void givesNothingOfWhatIsSentMeanwhile() {
    // given
    LiveKeys keys = new LiveKeys(file, log);
    Map<String, String> given = new TreeMap<>();

    // when
    keys.forEach(
        topic,
        Map.of(),
        row -> {
          given.put(text(row.key()), text(row.value()));
          log.send(new ProducerRecord<>(topic, row.partition(), row.key(), null));
        });

    // then
    assertThat(given).hasSize(99);
    assertThat(alive(keys.ends(topic))).isEmpty();

    // when
    log.abort();

    // then
    assertThat(alive(keys.ends(topic))).hasSize(99);
  }
}
