package io.millrace.pipeline.plan;

import io.millrace.pipeline.PipelineFileError;
import io.millrace.pipeline.View;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.parser.SqlParserPos;

/** Collects what is wrong with one view, placed in the pipeline file. */
final class Refusals {
  private final Path file;
  private final View view;
  private final List<PipelineFileError> errors = new ArrayList<>();

  Refusals(Path file, View view) {
    this.file = file;
    this.view = view;
  }

  void add(SqlParserPos position, String problem, String remedy) {
    add(position.getLineNum(), position.getColumnNum(), problem, remedy);
  }

  void add(int line, int column, String problem, String remedy) {
    errors.add(
        new PipelineFileError(
            file, view.at(line, column), "view '" + view.name() + "': " + problem, remedy));
  }

  List<PipelineFileError> errors() {
    return errors.stream().distinct().toList();
  }

  boolean isEmpty() {
    return errors.isEmpty();
  }
}
