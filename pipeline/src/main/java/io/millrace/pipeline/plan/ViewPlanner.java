package io.millrace.pipeline.plan;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileError;
import io.millrace.pipeline.PipelineFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans the views of a pipeline. */
public final class ViewPlanner {
  private static final String NAMESPACE = "io.millrace.";

  private final PipelineFile file;
  private final Map<String, Relation> relations;
  private final Map<String, ViewPlan> plans = new LinkedHashMap<>();
  private final List<PipelineFileError> errors = new ArrayList<>();

  private ViewPlanner(PipelineFile file, Map<String, Relation> sourceTables) {
    this.file = file;
    this.relations = new HashMap<>(sourceTables);
  }

  /**
   * Plans every view of a file.
   *
   * @param sourceTables the file's source tables by name, with the schemas that they have now
   * @throws PipelineFileException with everything that is wrong with the views: names and types
   *     that do not fit the tables, SQL that is not supported
   * @throws IllegalArgumentException if {@code sourceTables} lacks a table of the file
   */
  public static PipelinePlan plan(PipelineFile file, Map<String, Relation> sourceTables) {
    for (String table : file.tables().keySet()) {
      if (!sourceTables.containsKey(table)) {
        throw new IllegalArgumentException("no schema is given for source table " + table);
      }
    }
    return new ViewPlanner(file, sourceTables).plan();
  }

  private PipelinePlan plan() {
    ViewSyntax syntax = ViewSyntax.of(file);
    errors.addAll(syntax.errors());
    for (ParsedView view : syntax.ordered()) {
      if (relations.keySet().containsAll(view.references().keySet())) {
        plan(view);
      }
    }
    if (!errors.isEmpty()) {
      throw new PipelineFileException(errors);
    }
    return new PipelinePlan(plans);
  }

  private void plan(ParsedView view) {
    Refusals refusals = new Refusals(file.path(), view.view());
    Optional<ViewPlan> plan =
        ValidatedView.of(view, relations, refusals)
            .flatMap(
                valid ->
                    view.aggregate()
                        ? new AggregateBuilder(valid, namespace(), refusals).build()
                        : new ViewBuilder(valid, namespace(), refusals).build());
    errors.addAll(refusals.errors());
    plan.ifPresent(
        result -> {
          plans.put(view.view().name(), result);
          relations.put(view.view().name(), result.output());
        });
  }

  private String namespace() {
    return NAMESPACE + file.pipeline();
  }
}
