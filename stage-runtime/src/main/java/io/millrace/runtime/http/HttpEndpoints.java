package io.millrace.runtime.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import io.millrace.runtime.Stage;
import io.millrace.runtime.StageStatus.State;
import java.net.BindException;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process's HTTP server (Micronaut on Netty): {@code /health/liveness}, {@code
 * /health/readiness}, {@code /prometheus}, {@code /topology}, and the stage's own controllers.
 */
public final class HttpEndpoints implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoints.class);

  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final ApplicationContext context;
  private final String host;
  private final int port;

  /**
   * A server that does not listen yet.
   *
   * @param token what a request has to bear that changes something; empty: none may
   */
  public HttpEndpoints(String stage, String host, int port, String token) {
    this.host = host;
    this.port = port;
    this.context =
        ApplicationContext.builder()
            .deduceEnvironment(false)
            .deduceCloudEnvironment(false)
            .environmentPropertySource(false)
            .bootstrapEnvironment(false)
            .banner(false)
            .properties(properties(stage, host, port, token))
            .start();
    new JvmMemoryMetrics().bindTo(meters());
    gc.bindTo(meters());
    new ProcessorMetrics().bindTo(meters());
    new UptimeMetrics().bindTo(meters());
  }

  private static Map<String, Object> properties(String stage, String host, int port, String token) {
    Map<String, Object> all = new HashMap<>();
    all.put("micronaut.application.name", stage);
    all.put(RequestToken.TOKEN, token);
    all.put("micronaut.server.host", host);
    all.put("micronaut.server.port", port == 0 ? -1 : port);
    all.put("micronaut.netty.event-loops.default.num-threads", 1);
    all.put("endpoints.all.enabled", false);
    all.put("endpoints.health.enabled", true);
    all.put("endpoints.health.sensitive", false);
    all.put("endpoints.health.details-visible", "ANONYMOUS");
    all.put("endpoints.health.disk-space.enabled", false);
    all.put("endpoints.health.service-ready-indicator-enabled", false);
    all.put("endpoints.prometheus.enabled", true);
    all.put("endpoints.prometheus.sensitive", false);
    all.put("micronaut.metrics.export.prometheus.descriptions", true);
    all.put("endpoints.health.discovery-client.enabled", false);
    all.put("micronaut.metrics.binders.enabled", false);
    return all;
  }

  /** The metrics that {@code /prometheus} shows. */
  public MeterRegistry meters() {
    return context.getBean(PrometheusMeterRegistry.class);
  }

  /**
   * Listens, and answers for a stage.
   *
   * @throws IllegalStateException when the port is taken
   */
  public void serve(Stage stage) {
    context.registerSingleton(Stage.class, stage);
    Gauge.builder("millrace.stage.ready", stage, HttpEndpoints::ready)
        .description("1 while the stage serves, as /health/readiness says, else 0")
        .register(meters());
    EmbeddedServer server = context.getBean(EmbeddedServer.class);
    try {
      server.start();
    } catch (RuntimeException e) {
      if (bind(e)) {
        throw new IllegalStateException(
            ("HTTP port %d of %s is in use or not this machine's: set MILLRACE_HTTP_PORT to a free"
                    + " one")
                .formatted(port, host));
      }
      throw e;
    }
    LOG.info("HTTP listens on {}:{}", host, server.getPort());
  }

  private static double ready(Stage stage) {
    return stage.status().state() == State.SERVING ? 1 : 0;
  }

  private static boolean bind(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof BindException) {
        return true;
      }
    }
    return false;
  }

  /** The port it listens on. */
  int port() {
    return context.getBean(EmbeddedServer.class).getPort();
  }

  @Override
  public void close() {
    gc.close();
    context.close();
  }
}
