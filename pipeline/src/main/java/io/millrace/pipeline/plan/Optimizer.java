package io.millrace.pipeline.plan;

import java.util.List;
import org.apache.calcite.plan.Contexts;
import org.apache.calcite.plan.RelOptRule;
import org.apache.calcite.plan.RelRule;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgramBuilder;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.rules.CoreRules;
import org.apache.calcite.tools.RelBuilder;
import org.apache.calcite.tools.RelBuilderFactory;

/** Moves filters below joins, to the rows that they are about, and merges what stands together. */
final class Optimizer {
  private static final RelBuilderFactory PLAIN =
      RelBuilder.proto(
          Contexts.of(RelBuilder.Config.DEFAULT.withSimplify(false).withSimplifyLimit(false)));

  private Optimizer() {}

  static RelNode optimize(RelNode root) {
    HepProgramBuilder program = new HepProgramBuilder();
    List.of(
            rule(CoreRules.FILTER_INTO_JOIN.config),
            rule(CoreRules.JOIN_CONDITION_PUSH.config),
            rule(CoreRules.FILTER_MERGE.config),
            rule(CoreRules.PROJECT_MERGE.config))
        .forEach(program::addRuleInstance);
    HepPlanner planner = new HepPlanner(program.build());
    planner.setRoot(root);
    return planner.findBestExp();
  }

  private static RelOptRule rule(RelRule.Config config) {
    return config.withRelBuilderFactory(PLAIN).toRule();
  }
}
