package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.StageMain;
import java.util.function.Function;

/** The main program of cdc-connector. */
public final class CdcConnector {
  /** Name of the stage: in consumer groups, client ids, the dead-letter topic, logs. */
  static final String STAGE = "cdc-connector";

  private CdcConnector() {}

  /** Runs the connector for PostgreSQL until it is told to stop. */
  public static void main(String[] args) {
    run(args, PostgresSource::new);
  }

  /**
   * Runs the connector for another kind of database until it is told to stop.
   *
   * @param source the source of a pipeline
   */
  public static void run(String[] args, Function<PipelineFile, CapturedSource> source) {
    StageMain.run(STAGE, args, context -> new CdcStage(context, source));
  }
}
