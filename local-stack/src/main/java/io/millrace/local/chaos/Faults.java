package io.millrace.local.chaos;

import io.millrace.local.LocalStack;
import io.millrace.local.StackException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Breaks a stack, a fault after the other, and starts what has ended again, as Kubernetes would.
 * Which faults come is a matter of the seed; what they meet is a matter of time.
 */
final class Faults {
  private static final List<String> SERVICES =
      List.of("cdc-connector", "enrichment-service", "aggregation-service", "sink-service");
  private static final List<String> SERVERS = List.of("kafka", "postgres", "registry");

  private final LocalStack stack;
  private final RandomGenerator random;
  private final Consumer<String> log;
  private final Set<String> crashed = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> counts = new ConcurrentSkipListMap<>();

  /**
   * Faults for {@code stack}.
   *
   * @param log told of each
   */
  Faults(LocalStack stack, RandomGenerator random, Consumer<String> log) {
    this.stack = stack;
    this.random = random;
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

  /** One fault, from the quiet before it to the end of its cause. */
  void next() throws InterruptedException {
    pause(Duration.ofMillis(random.nextInt(2_000, 15_000)));
    int kind = random.nextInt(20);
    if (kind < 8) {
      crash(service());
    } else if (kind < 11) {
      kill(twoServices(), Duration.ofMillis(random.nextInt(3_000)));
    } else if (kind < 14) {
      // Longer than a session of ten seconds lasts.
      freeze(service(), Duration.ofMillis(random.nextInt(12_000, 20_000)));
    } else if (kind < 16) {
      terminate(service());
    } else {
      String server = SERVERS.get(random.nextInt(SERVERS.size()));
      kill(List.of(server), Duration.ofMillis(random.nextInt(10_000)));
    }
  }

  private String service() {
    return SERVICES.get(random.nextInt(SERVICES.size()));
  }

  private List<String> twoServices() {
    List<String> services = new ArrayList<>(SERVICES);
    services.remove(random.nextInt(services.size()));
    services.remove(random.nextInt(services.size()));
    return services;
  }

  private void kill(List<String> names, Duration away) throws InterruptedException {
    for (String name : names) {
      happens("kill -9", name);
      stack.kill(name);
    }
    pause(away);
    names.forEach(this::start);
  }

  private void crash(String name) {
    happens("kill -9", name);
    crashed.add(name);
    stack.crash(name);
  }

  private void freeze(String name, Duration time) throws InterruptedException {
    if (!stack.freeze(name)) {
      return;
    }
    happens("freeze for %d s".formatted(time.toSeconds()), "freeze", name);
    pause(time);
    stack.thaw(name);
  }

  private void terminate(String name) {
    happens("SIGTERM", name);
    stack.stop(name);
    start(name);
  }

  private void start(String name) {
    try {
      stack.launch(name);
    } catch (StackException e) {
      log.accept("   " + e.getMessage());
    }
  }

  private void happens(String what, String name) {
    happens(what, what, name);
  }

  private void happens(String said, String counted, String name) {
    log.accept("   " + said + " " + name);
    count(counted + " " + name);
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  private static void pause(Duration time) throws InterruptedException {
    Thread.sleep(time);
  }

  /** Waits until everything serves again. */
  void recover() throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
    while (true) {
      pause(Duration.ofSeconds(1));
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
