package io.millrace.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program of a service whose stage does nothing but what its environment says. */
final class IdleStage implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger(IdleStage.class);

  private final StageContext context;
  private volatile StageStatus status = StageStatus.starting("not started");

  private IdleStage(StageContext context) {
    this.context = context;
  }

  public static void main(String[] args) {
    StageMain.run("idle", args, IdleStage::new);
  }

  @Override
  public void start() throws InterruptedException {
    switch (System.getenv().getOrDefault("IDLE_STAGE", "")) {
      case "blocks" -> Thread.sleep(Long.MAX_VALUE);
      case "fails" -> throw new IllegalStateException("the table is gone: bring it back");
      case "fatal" -> {
        status = StageStatus.failed("gone");
        context.fatal().accept("lost the broker: start it");
      }
      case "exhausted" -> Thread.ofPlatform().start(IdleStage::exhaust);
      default -> status = StageStatus.serving("idle");
    }
    context.meters().counter("millrace.records.in", "topic", "shop.cdc.orders").increment(3);
    LOG.warn("A problem", new IllegalStateException("what happened"));
  }

  private static void exhaust() {
    throw new OutOfMemoryError("Java heap space");
  }

  @Override
  public StageStatus status() {
    return status;
  }

  @Override
  public String topology() {
    return "Topologies: none\n";
  }

  @Override
  public void close() {
    try {
      Files.writeString(context.stateDirectory().resolve("closed"), "cleanly");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path closedMark(Path stateDirectory) {
    return stateDirectory.resolve("closed");
  }
}
