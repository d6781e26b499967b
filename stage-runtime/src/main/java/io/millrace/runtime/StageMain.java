package io.millrace.runtime;

import java.util.List;
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
    StageProcess process =
        new StageProcess(stage, factory, System.getenv(), System.out, System.err);
    System.exit(process.run(List.of(args)));
  }
}
