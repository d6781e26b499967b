package io.millrace.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts child processes in a session of their own, so that a Ctrl-C in the terminal reaches only
 * the command, which then stops them in order; and, where the system can, so that they end with the
 * command even when it is killed. Both need programs of util-linux and are left out without them.
 */
final class Spawner implements AutoCloseable {
  private final List<String> prefix = prefix();

  /**
   * The system ties a child to the life of the thread that started it: this one lives as long as
   * the spawner.
   */
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("spawner").unstarted(task));

  /**
   * Starts a process.
   *
   * @param command program and arguments
   * @param environment added to this process's own
   * @param log file to which its output is appended
   */
  Process start(List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(whole)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    try {
      return thread.submit(builder::start).get();
    } catch (ExecutionException e) {
      throw new IOException("cannot start " + command.getFirst(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting " + command.getFirst(), e);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }

  private static List<String> prefix() {
    List<String> prefix = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      prefix.add("/usr/bin/setsid");
    }
    if (Files.isExecutable(Path.of("/usr/bin/setpriv"))) {
      prefix.addAll(List.of("/usr/bin/setpriv", "--pdeathsig", "TERM"));
    }
    return List.copyOf(prefix);
  }
}
