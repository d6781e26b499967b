package io.millrace.runtime.http;

import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.millrace.runtime.Stage;

/** The stage's topology, as text. */
@Controller("/topology")
final class TopologyController {
  private final Stage stage;

  TopologyController(Stage stage) {
    this.stage = stage;
  }

  @Get
  @Produces(MediaType.TEXT_PLAIN)
  String topology() {
    return stage.topology();
  }
}
