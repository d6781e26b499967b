package io.millrace.runtime;

import io.millrace.pipeline.PipelineFile;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The main program of every service. */
public final class StageMain {
  private StageMain() {}

  /**
   * Runs a stage until it is told to stop, and ends the process.
   *
   * @param stage the stage's name, such as {@code enrichment}
   * @param args the command line: {@code --help}, or the pipeline file
   * @param factory makes the stage without starting or waiting for anything
   */
  public static void run(String stage, String[] args, Function<StageContext, Stage> factory) {
    run(stage, args, (file, source) -> file, factory);
  }

  /**
   * Runs a stage of one source until it is told to stop, and ends the process.
   *
   * @param part what the stage sees of the pipeline file, when it is told the name of a source
   *     (empty: none); throws {@link IllegalArgumentException} when it cannot be that one
   */
  public static void run(
      String stage,
      String[] args,
      BiFunction<PipelineFile, String, PipelineFile> part,
      Function<StageContext, Stage> factory) {
    StageProcess process =
        new StageProcess(stage, part, factory, System.getenv(), System.out, System.err);
    System.exit(process.run(List.of(args)));
  }
}
