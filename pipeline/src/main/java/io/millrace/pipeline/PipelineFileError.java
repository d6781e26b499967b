package io.millrace.pipeline;

import java.nio.file.Path;

/**
 * One thing wrong with a pipeline file.
 *
 * @param file the file
 * @param position where in the file
 * @param problem what is wrong
 * @param remedy what to write instead
 */
public record PipelineFileError(Path file, FilePosition position, String problem, String remedy) {
  /** {@code file:line:column: problem; remedy}. */
  @Override
  public String toString() {
    return "%s:%d:%d: %s; %s".formatted(file, position.line(), position.column(), problem, remedy);
  }
}
