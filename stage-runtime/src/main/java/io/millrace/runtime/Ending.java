package io.millrace.runtime;

import io.millrace.pipeline.PipelineFileException;
import java.io.PrintStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why a process ends. The first reason counts. */
final class Ending {
  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

  private final CompletableFuture<Reason> reason = new CompletableFuture<>();

  private record Reason(String message, @Nullable Throwable error) {}

  void fatal(String message) {
    reason.complete(new Reason(message, null));
  }

  void failed(Throwable error) {
    reason.complete(new Reason(describe(error), error));
  }

  /** Waits for a reason. */
  void await() throws InterruptedException {
    try {
      reason.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Says the reason, which must be there, to people and to the log; returns the exit status. */
  int report(String stage, boolean stackTraces, PrintStream err) {
    Reason end = reason.getNow(new Reason("stopped", null));
    if (end.error instanceof PipelineFileException file) {
      file.errors().forEach(err::println);
      return StageProcess.MISUSED;
    }
    LOG.error("Stopping: {}", end.message);
    err.println(stage + ": " + end.message);
    if (stackTraces && end.error != null) {
      end.error.printStackTrace(err);
    }
    return StageProcess.FAILED;
  }

  /** The messages of an error and its causes, each once; with its class where that says more. */
  static String describe(Throwable error) {
    StringBuilder text = new StringBuilder();
    for (Throwable e = error; e != null; e = e.getCause()) {
      String message = e.getMessage() == null || e instanceof Error ? e.toString() : e.getMessage();
      boolean told =
          text.indexOf(message) >= 0
              || (e.getCause() != null && message.equals(e.getCause().toString()));
      if (!told) {
        text.append(text.isEmpty() ? "" : ": ").append(message);
      }
    }
    return text.toString();
  }
}
