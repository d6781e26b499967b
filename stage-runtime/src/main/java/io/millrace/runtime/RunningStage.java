package io.millrace.runtime;

import io.millrace.runtime.http.HttpEndpoints;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stage while its process runs: started beside HTTP, closed once, whatever ends it. */
final class RunningStage {
  private static final Logger LOG = LoggerFactory.getLogger(RunningStage.class);
  private static final Duration CLOSE = Duration.ofSeconds(30);

  private final String name;
  private final Stage stage;
  private final HttpEndpoints http;
  private final Ending ending;
  private final Thread starter;
  private final Thread closer;
  private final AtomicBoolean closing = new AtomicBoolean();

  RunningStage(String name, Stage stage, HttpEndpoints http, Ending ending) {
    this.name = name;
    this.stage = stage;
    this.http = http;
    this.ending = ending;
    this.starter = Thread.ofPlatform().name(name + "-start").unstarted(this::start);
    this.closer = Thread.ofPlatform().name(name + "-stop").daemon().unstarted(this::stop);
  }

  /** Returns when something fatal happened; SIGTERM ends the process meanwhile. */
  void run() {
    Thread hook = Thread.ofPlatform().name(name + "-signal").unstarted(this::close);
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      http.serve(stage);
      starter.start();
      ending.await();
    } catch (InterruptedException e) {
      ending.fatal("interrupted");
    } finally {
      close();
    }
  }

  private void start() {
    try {
      stage.start();
      LOG.info("Started");
    } catch (InterruptedException e) {
      ending.fatal("interrupted while starting");
    } catch (RuntimeException | LinkageError e) {
      ending.failed(e);
    }
  }

  /** Closes the stage within a time; a second caller waits for the first. */
  private void close() {
    if (closing.compareAndSet(false, true)) {
      closer.start();
    }
    try {
      if (!closer.join(CLOSE)) {
        LOG.error("Not stopped within {} s; ending the process as it is", CLOSE.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stop() {
    try {
      starter.interrupt();
      if (!starter.join(CLOSE.dividedBy(2))) {
        LOG.warn("Still starting; closing nevertheless");
      }
      stage.close();
      LOG.info("Stopped");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | LinkageError e) {
      LOG.error("Failed while stopping", e);
    } catch (Exception e) {
      LOG.error("Failed while stopping", e);
    }
  }
}
