package io.millrace.pipeline.plan;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileError;
import io.millrace.pipeline.Spelling;
import io.millrace.pipeline.View;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.calcite.sql.parser.SqlParserPos;

/** The views of a file, parsed, and put in an order in which each follows those that it reads. */
public final class ViewSyntax {
  private final PipelineFile file;
  private final Set<String> faulty;
  private final List<PipelineFileError> errors = new ArrayList<>();
  private final Map<String, ParsedView> parsed = new LinkedHashMap<>();
  private final Map<String, ParsedView> ordered = new LinkedHashMap<>();

  private ViewSyntax(PipelineFile file, Set<String> faulty) {
    this.file = file;
    this.faulty = faulty;
    file.enrich().values().forEach(view -> parse(view, false));
    file.aggregate().values().forEach(view -> parse(view, true));
    // By name, whatever the file's order: all members of a group must number their tasks alike.
    new TreeSet<>(parsed.keySet()).forEach(view -> place(view, new LinkedHashSet<>()));
  }

  /**
   * Everything wrong with the file's views that can be told without the schemas of the source: SQL
   * syntax, SQL that is not supported, names of relations that do not exist, views that read each
   * other in a circle.
   *
   * @param faulty names of tables and views that the file declares with errors: {@code file} lacks
   *     them, and reading from them is no further error
   */
  public static List<PipelineFileError> check(PipelineFile file, Set<String> faulty) {
    return new ViewSyntax(file, faulty).errors;
  }

  static ViewSyntax of(PipelineFile file) {
    return new ViewSyntax(file, Set.of());
  }

  List<PipelineFileError> errors() {
    return errors;
  }

  /** The views without errors, each after those that it reads. */
  Iterable<ParsedView> ordered() {
    return ordered.values();
  }

  private void parse(View view, boolean aggregate) {
    Refusals refusals = new Refusals(file.path(), view);
    ViewParser.parse(view, aggregate, refusals)
        .ifPresent(
            result -> {
              result.references().forEach((name, at) -> resolve(name, at, refusals));
              parsed.put(view.name(), result);
            });
    errors.addAll(refusals.errors());
  }

  private void resolve(String name, SqlParserPos position, Refusals refusals) {
    Set<String> readable = new TreeSet<>(file.tables().keySet());
    readable.addAll(file.enrich().keySet());
    if (file.aggregate().containsKey(name)) {
      refusals.add(
          position,
          "'" + name + "' is an aggregate view, which no view can read",
          "read what '" + name + "' reads");
    } else if (!readable.contains(name) && !faulty.contains(name)) {
      refusals.add(
          position,
          "no table or enriched view is called '" + name + "'",
          Spelling.suggestion(name, readable));
    }
  }

  /**
   * Puts a view after those that it reads.
   *
   * @param readers the views that led here, the first of them first
   */
  private void place(String name, Set<String> readers) {
    ParsedView view = parsed.get(name);
    if (view == null || ordered.containsKey(name)) {
      return;
    }
    readers.add(name);
    for (Map.Entry<String, SqlParserPos> reference : view.references().entrySet()) {
      if (readers.contains(reference.getKey())) {
        Refusals refusals = new Refusals(file.path(), view.view());
        refusals.add(
            reference.getValue(),
            "it reads itself by way of " + String.join(", ", readers),
            "break the circle");
        errors.addAll(refusals.errors());
      } else {
        place(reference.getKey(), readers);
      }
    }
    readers.remove(name);
    ordered.putIfAbsent(name, view);
  }
}
