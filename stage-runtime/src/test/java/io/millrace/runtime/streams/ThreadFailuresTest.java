package io.millrace.runtime.streams;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.serde.IncompatibleSchemaException;
import io.millrace.runtime.serde.OutdatedSchemaException;
import io.millrace.runtime.serde.RegistryRefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

final class ThreadFailuresTest {
  private final List<String> fatal = new ArrayList<>();
  private final List<Duration> pauses = new ArrayList<>();
  private Instant now = Instant.EPOCH;
  private final ThreadFailures failures =
      new ThreadFailures("shop.enrichment", fatal::add, () -> now, pauses::add);

  @Test
  void replacesTheThreadAfterGrowingPausesThenStops() {
    // given
    RuntimeException error = new StreamsException("wrapped", new IllegalStateException("boom"));
    for (int i = 0; i < ThreadFailures.MOST; i++) {
      assertThat(failures.handle(error)).isEqualTo(REPLACE_THREAD);
      now = now.plusSeconds(30);
    }

    // when
    var last = failures.handle(error);

    // then
    assertThat(last).isEqualTo(SHUTDOWN_CLIENT);
    assertThat(pauses)
        .hasSize(ThreadFailures.MOST)
        .startsWith(Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(2));
    assertThat(fatal)
        .containsExactly(
            "shop.enrichment failed 8 times in a row, the last time with:"
                + " IllegalStateException: boom");
  }

  @Test
  void aQuietWhileEndsTheRow() {
    // given
    for (int i = 0; i < 3 * ThreadFailures.MOST; i++) {
      // when
      var response = failures.handle(new IllegalStateException("now and then"));
      now = now.plus(ThreadFailures.QUIET).plusSeconds(1);

      // then
      assertThat(response).isEqualTo(REPLACE_THREAD);
    }
    assertThat(pauses).containsOnly(Duration.ofMillis(500));
    assertThat(fatal).isEmpty();
  }

  @Test
  void stopsAtOnceWhenANewThreadCouldDoNoBetter() {
    for (Throwable error :
        List.of(
            new StreamsException(new IncompatibleSchemaException("a column was retyped")),
            new StreamsException(new OutdatedSchemaException("a column was widened")),
            new StreamsException(new RegistryRefusedException("wrong password", null)),
            new StreamsException(new TopicAuthorizationException("shop.cdc.orders")),
            new OutOfMemoryError("heap"))) {
      // when / then
      assertThat(failures.handle(error)).isEqualTo(SHUTDOWN_CLIENT);
    }
    assertThat(pauses).isEmpty();
    assertThat(fatal)
        .hasSize(5)
        .allSatisfy(message -> assertThat(message).startsWith("shop.enrichment cannot go on: "));
  }
}
