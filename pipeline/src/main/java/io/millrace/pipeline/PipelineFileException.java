package io.millrace.pipeline;

import java.util.List;
import java.util.stream.Collectors;

/** A pipeline file that cannot be run; holds every error found in it. */
public final class PipelineFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<PipelineFileError> errors;

  /** At least one error. */
  public PipelineFileException(List<PipelineFileError> errors) {
    super(errors.stream().map(PipelineFileError::toString).collect(Collectors.joining("\n")));
    this.errors = List.copyOf(errors);
  }

  /** Every error, in the file's order. */
  public List<PipelineFileError> errors() {
    return errors;
  }
}
