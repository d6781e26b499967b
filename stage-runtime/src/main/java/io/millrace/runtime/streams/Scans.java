package io.millrace.runtime.streams;

import io.millrace.pipeline.plan.ViewNode;
import java.util.stream.Stream;

/** The leaves of a plan. */
final class Scans {
  private Scans() {}

  /** Every scan under an operator, from left to right. */
  static Stream<ViewNode.Scan> of(ViewNode node) {
    return switch (node) {
      case ViewNode.Scan scan -> Stream.of(scan);
      case ViewNode.Filter filter -> of(filter.input());
      case ViewNode.Project project -> of(project.input());
      case ViewNode.ForeignKeyJoin join -> Stream.concat(of(join.left()), of(join.right()));
      case ViewNode.Aggregate aggregate -> of(aggregate.input());
    };
  }
}
