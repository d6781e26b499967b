package io.millrace.runtime.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.annotation.Value;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.millrace.runtime.Stage;

/** The process at a glance, for a browser: how it is, and its own metrics. */
@Controller("/")
final class StatusController {
  private final String service;
  private final Stage stage;
  private final PrometheusMeterRegistry meters;

  StatusController(
      @Value("${micronaut.application.name}") String service,
      Stage stage,
      PrometheusMeterRegistry meters) {
    this.service = service;
    this.stage = stage;
    this.meters = meters;
  }

  @Get
  @Produces(MediaType.TEXT_HTML)
  HttpResponse<String> status() {
    return HttpResponse.ok(StatusPage.of(service, stage.status(), meters.scrape()))
        .header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        .header("Cache-Control", "no-store");
  }
}
