package io.millrace.enrichment;

import io.millrace.pipeline.plan.Relation;
import io.millrace.runtime.StageMain;
import io.millrace.runtime.streams.ViewStage;

/** The process that runs the enriched views of a pipeline. */
public final class EnrichmentService {
  private EnrichmentService() {}

  /** Runs until told to stop; see {@code --help}. */
  public static void main(String[] args) {
    StageMain.run(
        "enrichment",
        args,
        context -> new ViewStage(context, Relation.Kind.ENRICHED_VIEW, EnrichmentTopology::of));
  }
}
