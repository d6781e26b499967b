package io.millrace.cdc;

import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.millrace.runtime.Stage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Snapshots on demand, from the connector that leads. */
@Controller("/snapshots")
final class SnapshotController {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Stage stage;

  SnapshotController(Stage stage) {
    this.stage = stage;
  }

  /** Asks for a new snapshot of all tables: {@code {}}. */
  @Post
  @Produces(MediaType.TEXT_PLAIN)
  @ExecuteOn(TaskExecutors.BLOCKING)
  HttpResponse<String> take(@Body Map<String, Object> wanted) throws InterruptedException {
    if (!wanted.isEmpty()) {
      return answer(
          HttpStatus.BAD_REQUEST,
          "unknown: %s; send {}, which is a new snapshot of all tables"
              .formatted(String.join(", ", wanted.keySet())));
    }
    Optional<Capture> capture = ((CdcStage) stage).capture();
    if (capture.isEmpty() || !capture.get().leads()) {
      return answer(
          HttpStatus.CONFLICT,
          "this cdc-connector does not lead: ask the one whose millrace_cdc_leader is 1");
    }
    if (!capture.get().takesSnapshots()) {
      return answer(
          HttpStatus.NOT_IMPLEMENTED,
          "a new snapshot of such a database cannot be taken: start a pipeline under a new name");
    }
    if (capture.get().isSnapshot()) {
      return answer(HttpStatus.ACCEPTED, "a snapshot of all tables is being taken already");
    }
    return capture.get().snapshots().ask(PATIENCE)
        ? answer(HttpStatus.ACCEPTED, "a new snapshot of all tables begins")
        : answer(
            HttpStatus.SERVICE_UNAVAILABLE,
            "Kafka or the database does not answer, see /health/readiness: ask again later");
  }

  private static HttpResponse<String> answer(HttpStatus status, String text) {
    return HttpResponse.<String>status(status).body(text + "\n");
  }
}
