package io.millrace.runtime.http;

import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.management.health.indicator.annotation.Liveness;
import io.micronaut.management.health.indicator.annotation.Readiness;
import io.millrace.runtime.Stage;
import io.millrace.runtime.StageStatus;
import io.millrace.runtime.StageStatus.State;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.function.Predicate;
import org.reactivestreams.Publisher;

/** The stage's status as the two health indicators that probes ask. */
abstract sealed class StageHealth implements HealthIndicator {
  private final Stage stage;
  private final Predicate<State> well;

  StageHealth(Stage stage, Predicate<State> well) {
    this.stage = stage;
    this.well = well;
  }

  /** Up unless the stage cannot recover by itself. */
  @Singleton
  @Liveness
  static final class Live extends StageHealth {
    Live(Stage stage) {
      super(stage, state -> state != State.FAILED);
    }
  }

  /** Up when the stage does its work. */
  @Singleton
  @Readiness
  static final class Ready extends StageHealth {
    Ready(Stage stage) {
      super(stage, state -> state == State.SERVING);
    }
  }

  @Override
  public Publisher<HealthResult> getResult() {
    StageStatus status = stage.status();
    return Publishers.just(
        HealthResult.builder(
                "stage", well.test(status.state()) ? HealthStatus.UP : HealthStatus.DOWN)
            .details(Map.of("state", status.state().name(), "detail", status.detail()))
            .build());
  }
}
