package io.millrace.pipeline.plan;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The SQL that a view means on the source database: its own, with the names and functions of that
 * database. What it returns is what the view must hold.
 */
public final class SourceSql {
  private final PipelineFile file;
  private final Map<String, Relation> relations = new LinkedHashMap<>();
  private final Map<String, ParsedView> views = new LinkedHashMap<>();

  private SourceSql(PipelineFile file, PipelinePlan plan) {
    this.file = file;
    ViewSyntax.of(file).ordered().forEach(view -> views.put(view.view().name(), view));
    plan.views()
        .forEach(
            (name, view) -> {
              collect(view.root());
              relations.put(name, view.output());
            });
  }

  private void collect(ViewNode node) {
    switch (node) {
      case ViewNode.Scan scan -> relations.putIfAbsent(scan.relation().name(), scan.relation());
      case ViewNode.Filter filter -> collect(filter.input());
      case ViewNode.Project project -> collect(project.input());
      case ViewNode.Aggregate aggregate -> collect(aggregate.input());
      case ViewNode.ForeignKeyJoin join -> {
        collect(join.left());
        collect(join.right());
      }
    }
  }

  /**
   * The query for PostgreSQL, 14 or later: one row per row of the view, its columns in the view's
   * order, without the metadata. The views that it reads are part of it.
   *
   * @param plan of {@code file}
   * @param view name of an enriched or aggregate view
   * @throws IllegalArgumentException if there is no such view
   */
  public static String postgres(PipelineFile file, PipelinePlan plan, String view) {
    if (!plan.views().containsKey(view)) {
      throw new IllegalArgumentException("the pipeline has no view " + view);
    }
    return new SourceSql(file, plan).query(view);
  }

  /**
   * The captured tables that a view's rows come from, also by way of other views.
   *
   * @param view name of an enriched or aggregate view
   */
  public static Set<String> tables(PipelineFile file, String view) {
    Map<String, ParsedView> views = new HashMap<>();
    ViewSyntax.of(file).ordered().forEach(parsed -> views.put(parsed.view().name(), parsed));
    Set<String> tables = new LinkedHashSet<>();
    Deque<String> read = new ArrayDeque<>(List.of(view));
    while (!read.isEmpty()) {
      String name = read.pop();
      ParsedView parsed = views.get(name);
      if (parsed == null) {
        tables.add(name);
      } else {
        read.addAll(parsed.references().keySet());
      }
    }
    return tables;
  }

  private String query(String view) {
    Set<String> read = new LinkedHashSet<>();
    order(view, read);
    read.remove(view);
    List<String> inlined = new ArrayList<>();
    for (String name : read) {
      inlined.add("\"" + name + "\" AS (\n" + select(name) + "\n)");
    }
    String with = inlined.isEmpty() ? "" : "WITH " + String.join(",\n", inlined) + "\n";
    return with + select(view);
  }

  /** Adds the views that a view reads, and then the view. */
  private void order(String name, Set<String> read) {
    ParsedView view = views.get(name);
    if (view != null && !read.contains(name)) {
      view.references().keySet().forEach(reference -> order(reference, read));
      read.add(name);
    }
  }

  private String select(String name) {
    ParsedView view = views.get(name);
    if (view == null) {
      throw new IllegalArgumentException("the pipeline has no view " + name);
    }
    Refusals refusals = new Refusals(file.path(), view.view());
    ValidatedView validated =
        ValidatedView.of(view, relations, refusals)
            .orElseThrow(() -> new PipelineFileException(refusals.errors()));
    return new PostgresTranslation(file, relations, validated).sql();
  }
}
