package io.millrace.cdc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Error;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.millrace.cdc.SnapshotCommand.Answer;
import io.millrace.runtime.Stage;
import io.millrace.runtime.http.RequestToken;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Snapshots on demand, from the connector that leads. */
@Controller("/snapshots")
@ExecuteOn(TaskExecutors.BLOCKING)
final class SnapshotController {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final CdcStage stage;
  private final RequestToken token;

  SnapshotController(Stage stage, RequestToken token) {
    this.stage = (CdcStage) stage;
    this.token = token;
  }

  /** Ends a request with a reason. */
  static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final HttpStatus status;

    RefusedException(HttpStatus status, String reason) {
      super(reason);
      this.status = status;
    }
  }

  /** All snapshots of single tables that are known of, those that are over too. */
  @Get
  HttpResponse<?> list(HttpRequest<?> request) {
    HttpResponse<?> refused = token.refusal(request);
    return refused == null
        ? json(
            HttpStatus.OK, Map.of("snapshots", leading().desk().views().orElseThrow(this::notNow)))
        : refused;
  }

  /** Asks for a new snapshot: of the tables that are named, or of all. */
  @Post
  @Consumes(MediaType.ALL)
  HttpResponse<String> take(@Body @Nullable String body) throws InterruptedException {
    SnapshotOrder order;
    try {
      order = SnapshotOrder.of(body, stage.tables().keySet());
    } catch (IllegalArgumentException e) {
      throw new RefusedException(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
    Capture capture = leading();
    requireKeys(order, capture.desk().keyless());
    if (order.tables().isEmpty()) {
      return takeAll(capture);
    }
    if (capture.isSnapshot()) {
      throw new RefusedException(
          HttpStatus.CONFLICT, "a snapshot of all tables is being taken: ask when it is complete");
    }
    if (order.condition() != null) {
      check(capture, order.tables().getFirst(), order.condition());
    }
    String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    obey(capture, new SnapshotCommand.Take(id, order.tables(), order.condition()));
    return json(HttpStatus.ACCEPTED, Map.of("id", id));
  }

  private static void requireKeys(SnapshotOrder order, Set<String> keyless) {
    List<String> refused =
        keyless.stream()
            .filter(table -> order.tables().isEmpty() || order.tables().contains(table))
            .sorted()
            .toList();
    if (!refused.isEmpty()) {
      throw new RefusedException(
          HttpStatus.CONFLICT,
          "tables without a key cannot be read again, as nothing tells which of their rows the"
              + " topics have: %s; name the others".formatted(String.join(", ", refused)));
    }
  }

  /** Lets a snapshot wait where it is, also over restarts. */
  @Post("/{id}/pause")
  @Consumes(MediaType.ALL)
  HttpResponse<String> pause(String id) throws InterruptedException {
    return obeyed(new SnapshotCommand.Pause(id), "paused");
  }

  /** Lets it go on. */
  @Post("/{id}/resume")
  @Consumes(MediaType.ALL)
  HttpResponse<String> resume(String id) throws InterruptedException {
    return obeyed(new SnapshotCommand.Resume(id), "pending");
  }

  /** Ends it; what it has written stays. */
  @Post("/{id}/stop")
  @Consumes(MediaType.ALL)
  HttpResponse<String> stop(String id) throws InterruptedException {
    return obeyed(new SnapshotCommand.Stop(id), "stopped");
  }

  private HttpResponse<String> takeAll(Capture capture) throws InterruptedException {
    if (capture.isSnapshot()) {
      return text(HttpStatus.ACCEPTED, "a snapshot of all tables is being taken already");
    }
    if (!capture.snapshots().ask(PATIENCE)) {
      throw notNow();
    }
    return text(HttpStatus.ACCEPTED, "a new snapshot of all tables begins");
  }

  private void check(Capture capture, String table, String condition) {
    try {
      capture
          .problem(Objects.requireNonNull(stage.tables().get(table)), condition)
          .ifPresent(
              problem -> {
                throw new RefusedException(
                    HttpStatus.BAD_REQUEST,
                    "the database does not accept the condition: " + problem);
              });
    } catch (SourceUnreachableException e) {
      throw new RefusedException(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private HttpResponse<String> obeyed(SnapshotCommand command, String state)
      throws InterruptedException {
    obey(leading(), command);
    return json(HttpStatus.OK, Map.of("id", command.id(), "state", state));
  }

  private void obey(Capture capture, SnapshotCommand command) throws InterruptedException {
    Answer answer = capture.desk().ask(command, PATIENCE);
    switch (answer) {
      case ACCEPTED -> {}
      case UNKNOWN ->
          throw new RefusedException(
              HttpStatus.NOT_FOUND,
              "there is no snapshot %s; GET /snapshots lists them".formatted(command.id()));
      case OVER -> throw new RefusedException(HttpStatus.CONFLICT, "the snapshot is over");
      case NEEDED ->
          throw new RefusedException(
              HttpStatus.CONFLICT,
              "without this snapshot the topic is not what the table is: it can only be paused");
      case TOO_MANY ->
          throw new RefusedException(
              HttpStatus.CONFLICT,
              "%d snapshots are waiting: ask when some are done"
                  .formatted(AskedSnapshots.MOST_OPEN));
      case WITHDRAWN -> throw notNow();
      case UNCERTAIN ->
          throw new RefusedException(
              HttpStatus.SERVICE_UNAVAILABLE,
              "Kafka does not answer: whether this is done, GET /snapshots tells later");
    }
  }

  private Capture leading() {
    return stage
        .capture()
        .filter(Capture::leads)
        .orElseThrow(
            () ->
                new RefusedException(
                    HttpStatus.CONFLICT,
                    "this cdc-connector does not lead: ask the one whose millrace_cdc_leader"
                        + " is 1"));
  }

  private RefusedException notNow() {
    return new RefusedException(
        HttpStatus.SERVICE_UNAVAILABLE,
        "nothing can be done now (%s): ask again later".formatted(stage.status().detail()));
  }

  @Error(exception = RefusedException.class)
  HttpResponse<String> refused(RefusedException refusal) {
    return text(refusal.status, String.valueOf(refusal.getMessage()));
  }

  private static HttpResponse<String> text(HttpStatus status, String text) {
    return answer(status, text, MediaType.TEXT_PLAIN_TYPE);
  }

  private static MutableHttpResponse<String> answer(
      HttpStatus status, String text, MediaType type) {
    return HttpResponse.<String>status(status).body(text + "\n").contentType(type);
  }

  private static HttpResponse<String> json(HttpStatus status, Map<String, ?> fields) {
    try {
      return answer(status, JSON.writeValueAsString(fields), MediaType.APPLICATION_JSON_TYPE);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
