package io.millrace.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.LakePlace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which faults come is a matter of the seed. */
class FaultPlanTest {
  private static final int STEPS = 500;

  @ParameterizedTest
  @EnumSource
  void aSeedPlansTheSameFaultsAgain(LakePlace lake) {
    assertThat(strikes(7, lake)).isEqualTo(strikes(7, lake)).isNotEqualTo(strikes(8, lake));
    assertThat(eachStrike(7, lake))
        .isEqualTo(eachStrike(7, lake))
        .isNotEqualTo(eachStrike(8, lake));
    assertThat(steps(7, FaultPlan::replicas)).isEqualTo(steps(7, FaultPlan::replicas));
  }

  @ParameterizedTest
  @EnumSource
  void everyKindOfFaultComes(LakePlace lake) {
    assertThat(kinds(strikes(1, lake))).isEqualTo(kinds(eachStrike(2, lake))).hasSize(6);
    assertThat(kinds(steps(1, FaultPlan::eachReplica))).containsExactly(Fault.Join.class);
  }

  @Test
  void aLakeInS3LosesItsCatalogAndItsStore() {
    assertThat(strikes(1, LakePlace.S3).toString())
        .contains("kill -9 rest-catalog", "kill -9 object-store")
        .contains("sink-service and rest-catalog", "sink-service and object-store");
    assertThat(strikes(1, LakePlace.DISK).toString()).doesNotContain("rest-catalog");
  }

  private static List<FaultPlan.Step> strikes(long seed, LakePlace lake) {
    return steps(seed, random -> FaultPlan.strikes(random, lake));
  }

  private static List<FaultPlan.Step> eachStrike(long seed, LakePlace lake) {
    return steps(seed, random -> FaultPlan.eachStrike(random, lake));
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
