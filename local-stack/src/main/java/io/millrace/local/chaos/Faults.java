package io.millrace.local.chaos;

import io.millrace.local.LocalStack;
import io.millrace.local.StackException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Breaks a stack, a fault after the other; its supervisor starts what ends by itself. */
final class Faults {
  private static final Duration RECOVERY = Duration.ofMinutes(5);
  private static final Duration READY = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(250);

  private final LocalStack stack;
  private final SmallDisks disks;
  private final Consumer<String> log;
  private final Set<String> crashed = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> counts = new ConcurrentSkipListMap<>();

  /**
   * Faults for {@code stack}.
   *
   * @param log told of each
   */
  Faults(LocalStack stack, SmallDisks disks, Consumer<String> log) {
    this.stack = stack;
    this.disks = disks;
    this.log = log;
    stack.onDeath(
        (process, obituary) -> {
          if (!crashed.remove(process)) {
            count("ended by itself " + process);
          }
        });
    stack.supervise(line -> log.accept("   " + line));
  }

  /** What was done how often, and how often a process ended by itself. */
  Map<String, Integer> counts() {
    return counts;
  }

  /** Lets the faults of a plan come, until the plan or the time is over. */
  void run(Iterator<FaultPlan.Step> plan, BooleanSupplier over) throws InterruptedException {
    while (!over.getAsBoolean() && plan.hasNext()) {
      FaultPlan.Step step = plan.next();
      Thread.sleep(step.quiet());
      if (!over.getAsBoolean()) {
        strike(step.fault());
      }
    }
  }

  private void strike(Fault fault) throws InterruptedException {
    if (fault instanceof Fault.Fill fill && !disks.has(fill.disk())) {
      return;
    }
    log.accept("   " + fault.description());
    count(fault.name());
    switch (fault) {
      case Fault.Crash crash -> crash(crash.process());
      case Fault.Kill kill -> {
        kill.processes().forEach(stack::kill);
        Thread.sleep(kill.away());
        kill.processes().forEach(this::start);
      }
      case Fault.Restart restart -> {
        stack.stop(restart.process());
        start(restart.process());
      }
      case Fault.Freeze freeze -> {
        stack.freeze(freeze.process());
        Thread.sleep(freeze.time());
        stack.thaw(freeze.process());
      }
      case Fault.Join join -> join(join);
      case Fault.Cut cut -> {
        stack.cut(cut.service(), cut.server(), cut.silently());
        Thread.sleep(cut.time());
        stack.mend(cut.service(), cut.server());
      }
      case Fault.Fill fill -> fill(fill);
    }
  }

  private void crash(String process) {
    crashed.add(process);
    if (!stack.crash(process)) {
      crashed.remove(process);
    }
  }

  /** A disk gets full while someone writes to it. */
  private void fill(Fault.Fill fill) throws InterruptedException {
    awaitReady(fill.writer());
    disks.fill(fill.disk());
    if (fill.crash()) {
      crash(fill.writer());
    }
    Thread.sleep(fill.time());
    disks.free(fill.disk());
  }

  /** A replica stays for its time from when it serves, or does not manage to. */
  private void join(Fault.Join join) throws InterruptedException {
    String replica = join.service() + "-2";
    start(replica);
    awaitReady(replica);
    Thread.sleep(join.stay());
    log.accept("   " + replica + " leaves");
    if (join.killed()) {
      stack.kill(replica);
    } else {
      stack.stop(replica);
    }
  }

  private void awaitReady(String process) throws InterruptedException {
    long patience = System.nanoTime() + READY.toNanos();
    while (!stack.ready(process) && System.nanoTime() - patience < 0) {
      Thread.sleep(POLL);
    }
  }

  private void start(String name) {
    try {
      stack.launch(name);
    } catch (StackException e) {
      log.accept("   " + e.getMessage());
    }
  }

  /** Takes note of something that was done. */
  void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  /** Waits until everything serves again. */
  void recover() throws InterruptedException {
    long deadline = System.nanoTime() + RECOVERY.toNanos();
    while (true) {
      Thread.sleep(1_000);
      try {
        stack.awaitReady();
        return;
      } catch (StackException e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
      }
    }
  }
}
