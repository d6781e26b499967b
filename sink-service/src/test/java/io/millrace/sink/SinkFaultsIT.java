package io.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.runtime.StageStatus;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.sink.FaultyHook.Step;
import io.millrace.sink.commit.CommitHook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes wrong at the commit hooks of a running sink leaves the lake exact. */
@ExtendWith(Servers.class)
class SinkFaultsIT {
  private final List<SinkStage> stages = new ArrayList<>();
  private final AtomicInteger faults = new AtomicInteger();
  private TestLake lake;
  private TestTopics topics;
  private Workload workload;

  @BeforeEach
  void setUp(Servers.Running servers, @TempDir Path directory) {
    lake = new TestLake(servers, new LocalSchemaRegistry(), "http://127.0.0.1:1", directory);
    topics = new TestTopics(lake.pipeline(), lake.registry());
    topics.records().register();
    workload = new Workload(topics, 7);
  }

  @AfterEach
  void tearDown() {
    stages.forEach(SinkStage::close);
    topics.close();
    lake.close();
  }

  static Stream<RuntimeException> faults() {
    return Stream.of(
        new TimeoutException("as of a slow broker"),
        new KafkaException("as of a broken one"),
        new IllegalStateException("as of a full disk"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void losesAndDoublesNothingWhenTheWritersHookThrows(RuntimeException fault) {
    // given
    start(FaultyHook.at(Step.AFTER, 3, counting(fault)), none());

    // when
    runInSteps();
    runUntilStruck(1);

    // then
    workload.awaitExact(lake);
    assertThat(faults).hasValue(1);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void losesAndDoublesNothingWhenTheCommittersHookThrows(RuntimeException fault) {
    // given
    start(none(), FaultyHook.at(Step.AFTER, 2, counting(fault)));

    // when
    runInSteps();
    runUntilStruck(1);

    // then
    workload.awaitExact(lake);
    assertThat(faults).hasValue(1);
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void losesAndDoublesNothingWhereverAThreadDies(Step step) {
    // given
    Supplier<RuntimeException> fault = counting(new KafkaException("at " + step));
    start(FaultyHook.at(step, 2, fault), FaultyHook.at(step, 3, fault));

    // when
    runInSteps();
    runUntilStruck(2);

    // then
    workload.awaitExact(lake);
    assertThat(faults).hasValue(2);
  }

  @Test
  void losesNothingAtACleanStop() {
    // given
    for (int i = 0; i < 3; i++) {
      SinkStage sink = start(none(), none());

      // when
      workload.run(400);
      awaitServing(sink);
      sink.close();
    }
    start(none(), none());

    // then
    workload.awaitExact(lake);
  }

  @Test
  void staysExactWhenASecondSinkJoinsAndLeaves() {
    // given
    start(none(), none());
    workload.run(300);

    // when
    SinkStage second = start(none(), none());
    runInSteps();
    awaitServing(second);
    second.close();
    workload.run(300);

    // then
    workload.awaitExact(lake);
  }

  private Supplier<RuntimeException> counting(RuntimeException fault) {
    return () -> {
      faults.incrementAndGet();
      return fault;
    };
  }

  private static UnaryOperator<CommitHook> none() {
    return UnaryOperator.identity();
  }

  private SinkStage start(
      UnaryOperator<CommitHook> aroundWriter, UnaryOperator<CommitHook> aroundCommitter) {
    SinkStage stage = lake.newStage(aroundWriter, aroundCommitter);
    stages.add(stage);
    stage.start();
    return stage;
  }

  private void awaitServing(SinkStage sink) {
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> sink.status().state() == StageStatus.State.SERVING);
  }

  /** A slow machine commits seldom: goes on until the faults struck. */
  private void runUntilStruck(int expected) {
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              workload.run(20);
              return faults.get() >= expected;
            });
  }

  /** Changes over several epochs. */
  private void runInSteps() {
    for (int i = 0; i < 6; i++) {
      workload.run(150);
      await().pollDelay(Duration.ofMillis(200)).until(() -> true);
    }
  }
}
