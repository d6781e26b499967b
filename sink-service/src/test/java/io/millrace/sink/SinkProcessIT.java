package io.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.runtime.testing.RegistryProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sinks as processes: killed, halted at every step of the protocol, stopped and resumed. */
@ExtendWith(Servers.class)
class SinkProcessIT {
  private static RegistryProcess registry;

  private Path directory;
  private TestLake lake;
  private TestTopics topics;
  private Workload workload;

  @BeforeAll
  static void startRegistry(@TempDir Path directory) {
    registry = RegistryProcess.start(directory);
  }

  @AfterAll
  static void stopRegistry() {
    registry.close();
  }

  @BeforeEach
  void setUp(Servers.Running servers, @TempDir Path temporary) {
    directory = temporary;
    HttpSchemaRegistry client = new HttpSchemaRegistry(Map.of("url", registry.url()));
    lake = new TestLake(servers, client, registry.url(), directory);
    topics = new TestTopics(lake.pipeline(), client);
    topics.records().register();
    workload = new Workload(topics, 11);
  }

  @AfterEach
  void tearDown() {
    topics.close();
    lake.close();
  }

  @Test
  void losesAndDoublesNothingWhenItIsKilledUnderLoad() {
    // given
    Random random = new Random(5);
    createTopics();

    // when
    for (int i = 0; i < 4; i++) {
      SinkProcess sink = start("");
      await()
          .during(Duration.ofMillis(3000 + random.nextInt(3000)))
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                workload.run(20);
                return sink.isAlive();
              });
      sink.kill();
    }

    // then
    try (SinkProcess last = start("")) {
      awaitExact(last);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "writer BEFORE 2",
        "writer AFTER 2",
        "writer COMMITTED 2",
        "committer BEFORE 2",
        "committer AFTER 2",
        "committer COMMITTED 2"
      })
  void losesAndDoublesNothingWhenItHaltsAt(String step) {
    // given
    createTopics();
    try (SinkProcess halting = start(step)) {

      // when
      await()
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofMillis(200))
          .until(
              () -> {
                workload.run(30);
                return halting.hasHalted();
              });
    }

    // then
    try (SinkProcess next = start("")) {
      workload.run(50);
      awaitExact(next);
    }
  }

  @Test
  void keepsOutASinkThatWasTakenForDead() {
    // given
    createTopics();
    try (SinkProcess zombie = start("", "zombie")) {
      workload.run(200);
      await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions()
          .until(() -> !lake.rows("bronze.orders_changes").isEmpty());
      workload.run(200);

      // when: it stops where it is, another takes over, and it goes on
      zombie.freeze();
      workload.run(200);
      try (SinkProcess successor = start("", "successor")) {
        awaitExact(successor);
        zombie.thaw();
        for (int i = 0; i < 10; i++) {
          workload.run(40);
          await().pollDelay(Duration.ofMillis(300)).until(() -> true);
        }

        // then
        awaitExact(successor);
      } finally {
        zombie.thaw();
      }
    }
  }

  /** The workload begins before the sink is up. */
  private void createTopics() {
    SinkStage once = lake.newStage();
    once.start();
    once.close();
  }

  private SinkProcess start(String halts) {
    return start(halts, "state");
  }

  private SinkProcess start(String halts, String state) {
    return SinkProcess.start(lake, directory.resolve(state), halts);
  }

  private void awaitExact(SinkProcess sink) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              assertThat(sink.isAlive()).isTrue();
              workload.verify(lake);
            });
  }
}
