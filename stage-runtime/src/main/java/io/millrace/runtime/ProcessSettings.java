package io.millrace.runtime;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a service's process takes from its command line and environment.
 *
 * @param pipelineFile the pipeline file
 * @param source which source it captures, of a pipeline that has several; else empty
 * @param stateDirectory what the stage keeps over restarts
 * @param httpHost address that HTTP listens on
 * @param httpPort port that HTTP listens on; 0 for any free one
 * @param httpToken what a request has to bear that changes the stage's state; empty: none may
 * @param stackTraces whether errors show where in the code they come from
 */
record ProcessSettings(
    Path pipelineFile,
    String source,
    Path stateDirectory,
    String httpHost,
    int httpPort,
    String httpToken,
    boolean stackTraces) {

  static final String PIPELINE_FILE = "MILLRACE_PIPELINE_FILE";
  static final String SOURCE = "MILLRACE_SOURCE";
  static final String STATE_DIR = "MILLRACE_STATE_DIR";
  static final String HTTP_HOST = "MILLRACE_HTTP_HOST";
  static final String HTTP_PORT = "MILLRACE_HTTP_PORT";
  static final String HTTP_TOKEN = "MILLRACE_HTTP_TOKEN";
  static final String STACKTRACES = "MILLRACE_STACKTRACES";

  static String help(String stage) {
    return """
    Usage: %s [--help] [PIPELINE_FILE]

    Runs the stage '%s' of a pipeline until it gets SIGTERM.

    Environment:
      MILLRACE_PIPELINE_FILE  the pipeline file, when it is not an argument
      MILLRACE_SOURCE         for a cdc-connector, when the file names several sources: which one
      MILLRACE_STATE_DIR      directory that is kept over restarts, of this process alone
                              (default /var/lib/millrace/%s)
      MILLRACE_HTTP_HOST      address of the HTTP endpoints (default 127.0.0.1)
      MILLRACE_HTTP_PORT      port of the HTTP endpoints, 0 for any free one (default 8080)
      MILLRACE_HTTP_TOKEN     what requests that change something have to bear (Authorization:
                              Bearer <token>); without it they are refused
      MILLRACE_STACKTRACES    true: errors and logs show stack traces (default false)
    and what the pipeline file names as ${NAME:default}.

    HTTP: /health/liveness /health/readiness /prometheus /topology
    Exit status: 0 after --help, 1 when the stage cannot run or go on, 2 for wrong settings or
    a wrong pipeline file, 143 after SIGTERM.\
    """
        .formatted(stage, stage, stage);
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException with what is wrong and what would be right
   */
  static ProcessSettings of(String stage, List<String> args, Map<String, String> environment) {
    if (args.size() > 1) {
      throw new IllegalArgumentException(
          "expected one argument, the pipeline file, not " + args.size() + "; see --help");
    }
    String file = args.isEmpty() ? environment.getOrDefault(PIPELINE_FILE, "") : args.getFirst();
    if (file.isEmpty()) {
      throw new IllegalArgumentException(
          "no pipeline file: give it as the argument or set " + PIPELINE_FILE);
    }
    return new ProcessSettings(
        path("the pipeline file", file),
        environment.getOrDefault(SOURCE, "").strip(),
        path(STATE_DIR, environment.getOrDefault(STATE_DIR, "/var/lib/millrace/" + stage)),
        environment.getOrDefault(HTTP_HOST, "127.0.0.1"),
        port(environment.getOrDefault(HTTP_PORT, "8080")),
        environment.getOrDefault(HTTP_TOKEN, "").strip(),
        Boolean.parseBoolean(environment.getOrDefault(STACKTRACES, "false")));
  }

  private static Path path(String name, String value) {
    try {
      return Path.of(value).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(name + " is not a path: " + value, e);
    }
  }

  private static int port(String value) {
    try {
      int port = Integer.parseInt(value);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        HTTP_PORT + " is '" + value + "': it must be a number from 0 to 65535");
  }
}
