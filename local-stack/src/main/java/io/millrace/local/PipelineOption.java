package io.millrace.local;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which pipeline: the one of the stack that runs here, or any by its file. */
final class PipelineOption {
  @Mixin private WorkDirectory work = new WorkDirectory();

  @Option(
      names = "--pipeline",
      paramLabel = "FILE",
      defaultValue = "${env:MILLRACE_PIPELINE_FILE}",
      description =
          "A pipeline file; its environment is the command's. Without it, and without"
              + " MILLRACE_PIPELINE_FILE in the environment: the stack that runs here.")
  private @Nullable Path file;

  PipelineFile read() {
    if (file == null) {
      return work.pipeline();
    }
    if (!Files.exists(file)) {
      throw new StackException("there is no pipeline file " + file);
    }
    return PipelineFileReader.read(file, System.getenv());
  }
}
