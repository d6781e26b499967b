package io.millrace.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects the errors of one file, so that its author sees them all at once. */
final class Findings {
  private static final Comparator<PipelineFileError> FILE_ORDER =
      Comparator.comparingInt((PipelineFileError error) -> error.position().line())
          .thenComparingInt(error -> error.position().column());

  private final Path file;
  private final List<PipelineFileError> errors = new ArrayList<>();

  Findings(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  void add(FilePosition position, String problem, String remedy) {
    errors.add(new PipelineFileError(file, position, problem, remedy));
  }

  void addAll(List<PipelineFileError> more) {
    errors.addAll(more);
  }

  /** Throws what was found, in the file's order, if anything was. */
  void throwIfAny() {
    if (!errors.isEmpty()) {
      throw new PipelineFileException(errors.stream().distinct().sorted(FILE_ORDER).toList());
    }
  }
}
