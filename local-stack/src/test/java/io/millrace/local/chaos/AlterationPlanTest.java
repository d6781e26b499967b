package io.millrace.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.chaos.Alteration.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** Which alterations come is a matter of the seed, and each is possible. */
class AlterationPlanTest {
  private static final int STEPS = 300;

  @Test
  void aSeedPlansTheSameAlterationsAgain() {
    assertThat(endless(7)).isEqualTo(endless(7)).isNotEqualTo(endless(8));
  }

  @Test
  void everyKindOfAlterationComes() {
    for (long seed = 0; seed < STEPS; seed++) {
      List<Kind> kinds =
          taken(AlterationPlan.eachKind(generator(seed), tables(seed))).stream()
              .map(step -> step.alteration().kind())
              .toList();
      assertThat(kinds).containsExactly(Kind.values());
    }
    assertThat(endless(1)).extracting(step -> step.alteration().kind()).contains(Kind.values());
  }

  @Test
  void tablesToWhichRowsAreOnlyAddedGetNoValuesInTheRowsThatTheyHave() {
    assertThat(endless(3))
        .filteredOn(step -> step.alteration().table().appendOnly())
        .isNotEmpty()
        .noneMatch(step -> step.alteration().kind().changesAppended());
  }

  @Test
  void noNameIsGivenTwiceAtATime() {
    for (AlterationPlan.Step step : endless(5)) {
      Set<String> names = new HashSet<>();
      assertThat(step.alteration().after()).allMatch(column -> names.add(column.name()));
      assertThat(names)
          .containsAll(step.alteration().kept().stream().map(MovingColumn::name).toList());
    }
  }

  private static List<AlterationPlan.Step> endless(long seed) {
    return taken(AlterationPlan.endless(generator(seed), tables(1)));
  }

  private static List<RandomTable> tables(long seed) {
    return RandomPipeline.of(generator(seed)).tables();
  }

  private static RandomGenerator generator(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  private static List<AlterationPlan.Step> taken(Iterator<AlterationPlan.Step> steps) {
    List<AlterationPlan.Step> taken = new ArrayList<>();
    while (taken.size() < STEPS && steps.hasNext()) {
      taken.add(steps.next());
    }
    return taken;
  }
}
