package io.millrace.sink;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.sink.FaultyHook.Step;
import io.millrace.sink.commit.CommitHook;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A sink in a process of its own, to be killed, stopped and resumed. */
final class SinkProcess implements AutoCloseable {
  private static final int HALTED = 77;

  private final Process process;

  private SinkProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts a sink.
   *
   * @param state its state directory
   * @param halts where it ends itself at once, such as {@code writer AFTER 3}; none for an empty
   *     text
   */
  static SinkProcess start(TestLake lake, Path state, String halts) {
    PipelineFile pipeline = lake.pipeline();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path", "")),
            SinkProcess.class.getName(),
            pipeline.pipeline(),
            pipeline.kafka().getOrDefault("bootstrap.servers", ""),
            pipeline.registry().getOrDefault("url", ""),
            state.toString(),
            halts));
    new TreeMap<>(pipeline.lake().catalog())
        .forEach((name, value) -> command.add(name + "=" + value));
    try {
      Files.createDirectories(state);
      Path log = state.resolve("sink.log");
      return new SinkProcess(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The process. */
  public static void main(String[] args) {
    Map<String, String> catalog = new TreeMap<>();
    for (String setting : List.of(args).subList(5, args.length)) {
      int equals = setting.indexOf('=');
      catalog.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    PipelineFile pipeline = TestLake.pipeline(args[0], args[1], args[2], catalog, Map.of());
    StageContext context =
        new StageContext(
            TestLake.STAGE,
            pipeline,
            Path.of(args[3]),
            new HttpSchemaRegistry(pipeline.registry()),
            new SimpleMeterRegistry(),
            message -> {
              System.err.println("FATAL " + message);
              Runtime.getRuntime().halt(1);
            });
    SinkStage stage =
        new SinkStage(context, halting("writer", args[4]), halting("committer", args[4]));
    Runtime.getRuntime().addShutdownHook(new Thread(stage::close));
    stage.start();
  }

  private static UnaryOperator<CommitHook> halting(String application, String halts) {
    String[] words = halts.split(" ", -1);
    if (!words[0].equals(application)) {
      return UnaryOperator.identity();
    }
    return FaultyHook.at(
        Step.valueOf(words[1]),
        Integer.parseInt(words[2]),
        () -> {
          Runtime.getRuntime().halt(HALTED);
          return new IllegalStateException();
        });
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Whether it halted itself. */
  boolean hasHalted() {
    return !process.isAlive() && process.exitValue() == HALTED;
  }

  /** As {@code kill -9} does. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Stops its threads where they are. */
  void freeze() {
    signal("STOP");
  }

  /** Lets it go on. */
  void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      int status = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("kill -" + name + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(40, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
