package io.millrace.runtime;

import java.util.function.Function;

/** The main program of every service. */
public final class StageMain {
  private StageMain() {}

  /**
   * Runs a stage until it is told to stop; ends the process.
   *
   * @param stage the stage's name
   * @param args the command line: {@code --help}, or the pipeline file
   * @param factory makes the stage; must not block
   */
  public static void run(String stage, String[] args, Function<StageContext, Stage> factory) {
    System.exit(new StageProcess(stage, factory).run(args));
  }
}
