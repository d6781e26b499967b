package io.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that die are started again, but not for ever. */
final class SupervisorTest {
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final List<String> DIES = List.of("false");
  private static final List<String> LIVES = List.of("sleep", "600");

  @TempDir Path directory;

  private final List<String> told = new CopyOnWriteArrayList<>();
  private final AtomicInteger starts = new AtomicInteger();
  private final Supervisor supervisor =
      new Supervisor(
          new Supervisor.Patience(PAUSE, PAUSE, Duration.ofHours(1), 3),
          StackProcess::startAgain,
          told::add);
  private final Queue<ProcessHandle> running = new ConcurrentLinkedQueue<>();

  @AfterEach
  void end() {
    supervisor.close();
    running.forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void whatDiesYoungIsStartedAgainUntilItStays() {
    // given
    StackProcess process = supervised(new ConcurrentLinkedQueue<>(List.of(DIES, DIES, LIVES)));

    // when
    process.start();

    // then
    await(() -> starts.get() == 3 && process.alive());
    assertThat(told).hasSize(2).allMatch(line -> line.contains("starting it again"));
  }

  @Test
  void whatKeepsDyingYoungIsGivenUp() {
    // given
    StackProcess process = supervised(new ConcurrentLinkedQueue<>());

    // when
    process.start();

    // then
    await(() -> told.size() == 4);
    assertThat(told.getLast()).contains("stays down", process.log().toString());
    assertThat(starts).hasValue(4);
  }

  @Test
  void whatWasToldToEndStaysDown() {
    // given
    StackProcess process = supervised(new ConcurrentLinkedQueue<>(List.of(LIVES)));
    process.start();

    // when
    process.kill();

    // then
    assertThat(process.startAgain()).isFalse();
    assertThat(told).isEmpty();
  }

  /** Runs one program after the other, in the end always one that dies. */
  private StackProcess supervised(Queue<List<String>> programs) {
    return new StackProcess(
        Member.of(Component.KAFKA),
        directory.resolve("log"),
        () -> {
          starts.incrementAndGet();
          return start(programs.isEmpty() ? DIES : programs.remove());
        },
        ProcessHandle::destroy,
        () -> true,
        supervisor::died);
  }

  private ProcessHandle start(List<String> program) throws IOException {
    ProcessHandle started = new ProcessBuilder(program).start().toHandle();
    running.add(started);
    return started;
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(condition);
  }
}
