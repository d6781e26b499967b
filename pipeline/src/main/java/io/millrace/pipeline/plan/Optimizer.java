package io.millrace.pipeline.plan;

import org.apache.calcite.plan.Contexts;
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
    return apply(
        root,
        CoreRules.FILTER_INTO_JOIN.config,
        CoreRules.JOIN_CONDITION_PUSH.config,
        CoreRules.FILTER_MERGE.config,
        CoreRules.PROJECT_MERGE.config);
  }

  /** Makes one projection of those that stand together. */
  static RelNode merge(RelNode root) {
    return apply(root, CoreRules.PROJECT_MERGE.config);
  }

  private static RelNode apply(RelNode root, RelRule.Config... rules) {
    HepProgramBuilder program = new HepProgramBuilder();
    for (RelRule.Config rule : rules) {
      program.addRuleInstance(rule.withRelBuilderFactory(PLAIN).toRule());
    }
    HepPlanner planner = new HepPlanner(program.build());
    planner.setRoot(root);
    return planner.findBestExp();
  }
}
