package io.millrace.aggregation;

import io.millrace.pipeline.plan.Relation;
import io.millrace.runtime.StageMain;
import io.millrace.runtime.streams.ViewStage;

/** The process that runs the aggregate views of a pipeline. */
public final class AggregationService {
  private AggregationService() {}

  /** Runs until told to stop; see {@code --help}. */
  public static void main(String[] args) {
    StageMain.run(
        "aggregation",
        args,
        context -> new ViewStage(context, Relation.Kind.AGGREGATE_VIEW, AggregationTopology::of));
  }
}
