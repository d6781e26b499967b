package io.millrace.local.chaos;

import io.millrace.local.LakePlace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Which faults come, one after the other: a matter of the seed alone. What they meet is a matter of
 * time.
 */
final class FaultPlan {
  private static final String CDC = "cdc-connector";
  private static final String SINK = "sink-service";
  private static final String KAFKA = "kafka";
  private static final String POSTGRES = "postgres";
  private static final String REGISTRY = "registry";
  private static final String STORE = "object-store";
  private static final String CATALOG = "rest-catalog";
  private static final List<String> SERVICES =
      List.of(CDC, "enrichment-service", "aggregation-service", SINK);

  /** A fault and the quiet before it. */
  record Step(Duration quiet, Fault fault) {
    @Override
    public String toString() {
      return "%d ms, %s".formatted(quiet.toMillis(), fault.description());
    }
  }

  private final RandomGenerator random;
  private final List<String> servers;

  /** What the sink needs for a commit. */
  private final List<String> lake;

  private FaultPlan(RandomGenerator random, LakePlace lake) {
    this.random = random;
    this.servers =
        lake == LakePlace.S3
            ? List.of(KAFKA, POSTGRES, REGISTRY, STORE, CATALOG)
            : List.of(KAFKA, POSTGRES, REGISTRY);
    this.lake = lake == LakePlace.S3 ? List.of(STORE, CATALOG) : List.of(POSTGRES);
  }

  /** Faults without end that strike what every stack has. */
  static Iterator<Step> strikes(RandomGenerator random, LakePlace lake) {
    FaultPlan plan = new FaultPlan(random, lake);
    return Stream.generate(() -> new Step(plan.between(1_000, 8_000), plan.strike())).iterator();
  }

  /** Second replicas without end that come and go. */
  static Iterator<Step> replicas(RandomGenerator random) {
    FaultPlan plan = new FaultPlan(random, LakePlace.DISK);
    return Stream.generate(
            () ->
                new Step(
                    plan.between(2_000, 40_000),
                    new Fault.Join(
                        plan.any(SERVICES), plan.between(1_000, 45_000), random.nextBoolean())))
        .iterator();
  }

  /** Each kind of strike once, short. */
  static Iterator<Step> eachStrike(RandomGenerator random, LakePlace lake) {
    FaultPlan plan = new FaultPlan(random, lake);
    List<Fault> faults = new ArrayList<>();
    faults.add(new Fault.Crash(plan.any(SERVICES)));
    faults.add(plan.killTwo());
    faults.add(new Fault.Freeze(plan.any(SERVICES), plan.between(11_000, 13_000)));
    faults.add(new Fault.Restart(plan.any(SERVICES)));
    faults.add(new Fault.Restart(plan.any(plan.servers)));
    faults.add(new Fault.Kill(List.of(KAFKA), plan.between(0, 2_000)));
    faults.add(new Fault.Kill(List.of(POSTGRES), plan.between(0, 2_000)));
    faults.add(plan.cut(plan.any(SERVICES), KAFKA, plan.between(2_000, 5_000)));
    faults.add(plan.cut(plan.any(SERVICES), REGISTRY, plan.between(2_000, 5_000)));
    faults.add(plan.cut(CDC, POSTGRES, plan.between(2_000, 5_000)));
    plan.lake.forEach(server -> faults.add(plan.cut(SINK, server, plan.between(2_000, 5_000))));
    if (lake == LakePlace.S3) {
      plan.lake.forEach(
          server -> faults.add(new Fault.Kill(List.of(server), plan.between(0, 2_000))));
    }
    faults.add(new Fault.Fill(plan.any(SmallDisks.STATES), true, plan.between(11_000, 14_000)));
    faults.add(new Fault.Fill(SmallDisks.WAREHOUSE, false, plan.between(2_000, 5_000)));
    return plan.shuffled(faults);
  }

  /** A second replica of each service once, short. */
  static Iterator<Step> eachReplica(RandomGenerator random) {
    FaultPlan plan = new FaultPlan(random, LakePlace.DISK);
    List<Fault> joins = new ArrayList<>();
    boolean killed = random.nextBoolean();
    for (String service : SERVICES) {
      joins.add(new Fault.Join(service, plan.between(3_000, 6_000), killed));
      killed = !killed;
    }
    return plan.shuffled(joins);
  }

  private Iterator<Step> shuffled(List<Fault> faults) {
    List<Fault> left = new ArrayList<>(faults);
    List<Step> steps = new ArrayList<>();
    while (!left.isEmpty()) {
      Fault fault = left.remove(random.nextInt(left.size()));
      steps.add(new Step(between(500, 3_000), fault));
    }
    return steps.iterator();
  }

  private Fault strike() {
    int kind = random.nextInt(40);
    if (kind < 6) {
      return new Fault.Crash(any(SERVICES));
    }
    if (kind < 10) {
      return new Fault.Kill(List.of(any(SERVICES)), between(0, 5_000));
    }
    if (kind < 13) {
      return killTwo();
    }
    if (kind < 17) {
      // Longer than a session of ten seconds lasts.
      return new Fault.Freeze(any(SERVICES), between(12_000, 20_000));
    }
    if (kind < 19) {
      return new Fault.Restart(any(SERVICES));
    }
    if (kind < 22) {
      return new Fault.Restart(any(servers));
    }
    if (kind < 29) {
      return new Fault.Kill(List.of(any(servers)), between(0, 10_000));
    }
    if (kind < 36) {
      return cut();
    }
    List<String> disks = new ArrayList<>(SmallDisks.STATES);
    disks.add(SmallDisks.WAREHOUSE);
    return new Fault.Fill(any(disks), random.nextBoolean(), seldomLong(30_000));
  }

  private Fault cut() {
    int which = random.nextInt(8);
    if (which < 4) {
      return cut(any(SERVICES), KAFKA, seldomLong(40_000));
    }
    if (which < 5) {
      return cut(any(SERVICES), REGISTRY, seldomLong(40_000));
    }
    return which < 6
        ? cut(CDC, POSTGRES, seldomLong(40_000))
        : cut(SINK, lake.size() == 1 ? POSTGRES : any(lake), seldomLong(70_000));
  }

  private Fault cut(String service, String server, Duration time) {
    return new Fault.Cut(service, server, random.nextBoolean(), time);
  }

  private Fault killTwo() {
    List<String> services = new ArrayList<>(SERVICES);
    services.remove(random.nextInt(services.size()));
    services.remove(random.nextInt(services.size()));
    return new Fault.Kill(services, between(0, 3_000));
  }

  /** A quarter of the longest, on average. */
  private Duration seldomLong(int mostMillis) {
    return Duration.ofMillis(500 + (long) (mostMillis * Math.pow(random.nextDouble(), 3)));
  }

  private Duration between(int fromMillis, int toMillis) {
    return Duration.ofMillis(random.nextInt(fromMillis, toMillis));
  }

  private <T> T any(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
