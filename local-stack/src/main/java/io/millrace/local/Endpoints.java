package io.millrace.local;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What stands in {@code endpoints.json}: where a running stack listens and its processes. There is
 * no password in it.
 *
 * @param directory of the run: logs, data, the lake's files
 * @param pipelineFile the pipeline that runs
 * @param pipeline its name
 * @param addresses where each process listens, by its name, as a client needs it
 * @param processes every process by its name; {@code millrace} is the command that holds the stack
 * @param environment what the pipeline file takes from the environment, without passwords
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Endpoints(
    String directory,
    String pipelineFile,
    String pipeline,
    Map<String, String> addresses,
    Map<String, ProcessId> processes,
    Map<String, String> environment) {
  /** Name of the file. */
  public static final String FILE = "endpoints.json";

  /** The name under which the command that holds the stack stands among the processes. */
  public static final String SUPERVISOR = "millrace";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A process, so that it is not mistaken for a later one with the same id.
   *
   * @param pid process id
   * @param started when it started, milliseconds since the epoch; 0 when the system does not tell
   */
  public record ProcessId(long pid, long started) {
    static ProcessId of(ProcessHandle handle) {
      return new ProcessId(
          handle.pid(), handle.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
    }

    /** The process, if it still runs and is the same. */
    public Optional<ProcessHandle> running() {
      return ProcessHandle.of(pid).filter(handle -> handle.isAlive() && equals(of(handle)));
    }
  }

  /** The stack of a work directory, if one was started there and not stopped. */
  public static Optional<Endpoints> read(Path workDirectory) {
    Path file = workDirectory.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(file.toFile(), Endpoints.class));
    } catch (IOException e) {
      throw new StackException(
          "%s cannot be read (%s); if no stack runs, delete it".formatted(file, e.getMessage()), e);
    }
  }

  /** Puts it into a work directory, replacing what was there in one step. */
  void write(Path workDirectory) {
    try {
      Files.createDirectories(workDirectory);
      Path fresh = workDirectory.resolve(FILE + ".new");
      JSON.writerWithDefaultPrettyPrinter().writeValue(fresh.toFile(), this);
      Files.move(
          fresh,
          workDirectory.resolve(FILE),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + workDirectory.resolve(FILE), e);
    }
  }

  /** Says that no stack runs there any more. */
  static void delete(Path workDirectory) {
    try {
      Files.deleteIfExists(workDirectory.resolve(FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The run directory. */
  public Path runDirectory() {
    return Path.of(directory);
  }
}
