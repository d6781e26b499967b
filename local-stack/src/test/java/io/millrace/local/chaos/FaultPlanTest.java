package io.millrace.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** Which faults come is a matter of the seed. */
class FaultPlanTest {
  private static final int STEPS = 500;

  @Test
  void aSeedPlansTheSameFaultsAgain() {
    assertThat(steps(7, FaultPlan::strikes))
        .isEqualTo(steps(7, FaultPlan::strikes))
        .isNotEqualTo(steps(8, FaultPlan::strikes));
    assertThat(steps(7, FaultPlan::replicas)).isEqualTo(steps(7, FaultPlan::replicas));
    assertThat(steps(7, FaultPlan::eachStrike))
        .isEqualTo(steps(7, FaultPlan::eachStrike))
        .isNotEqualTo(steps(8, FaultPlan::eachStrike));
  }

  @Test
  void everyKindOfFaultComes() {
    assertThat(kinds(steps(1, FaultPlan::strikes)))
        .isEqualTo(kinds(steps(2, FaultPlan::eachStrike)))
        .hasSize(6);
    assertThat(kinds(steps(1, FaultPlan::eachReplica))).containsExactly(Fault.Join.class);
  }

  private static List<FaultPlan.Step> steps(
      long seed, Function<RandomGenerator, Iterator<FaultPlan.Step>> plan) {
    Iterator<FaultPlan.Step> steps =
        plan.apply(RandomGeneratorFactory.of("L64X128MixRandom").create(seed));
    List<FaultPlan.Step> taken = new ArrayList<>();
    while (taken.size() < STEPS && steps.hasNext()) {
      taken.add(steps.next());
    }
    return taken;
  }

  private static Set<Class<?>> kinds(List<FaultPlan.Step> steps) {
    Set<Class<?>> kinds = new HashSet<>();
    steps.forEach(step -> kinds.add(step.fault().getClass()));
    return kinds;
  }
}
