package io.millrace.runtime.streams;

import io.millrace.pipeline.plan.ViewNode;
import io.millrace.pipeline.plan.ViewPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which relations some join or aggregate reads, so that their old values are needed and a store
 * must keep them. The rest pass through without state.
 */
final class StatefulRelations {
  private final Set<String> names = new HashSet<>();

  /** Of the relations read by {@code plans}, which stand in dependency order. */
  StatefulRelations(List<ViewPlan> plans) {
    List<ViewPlan> readersFirst = new ArrayList<>(plans);
    Collections.reverse(readersFirst);
    for (ViewPlan plan : readersFirst) {
      visit(plan.root(), names.contains(plan.output().name()));
    }
  }

  private void visit(ViewNode node, boolean stateful) {
    switch (node) {
      case ViewNode.Scan scan -> {
        if (stateful) {
          names.add(scan.relation().name());
        }
      }
      case ViewNode.Filter filter -> visit(filter.input(), stateful);
      case ViewNode.Project project -> visit(project.input(), stateful);
      case ViewNode.ForeignKeyJoin join -> {
        visit(join.left(), true);
        visit(join.right(), true);
      }
      case ViewNode.Aggregate aggregate -> visit(aggregate.input(), true);
    }
  }

  boolean contains(String relation) {
    return names.contains(relation);
  }
}
