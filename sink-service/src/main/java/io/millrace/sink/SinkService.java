package io.millrace.sink;

import io.millrace.runtime.StageMain;

/** The sink's main program. */
public final class SinkService {
  private SinkService() {}

  /** Runs the sink of the pipeline file that the environment or the first argument names. */
  public static void main(String[] args) {
    StageMain.run("sink-service", args, SinkStage::new);
  }
}
