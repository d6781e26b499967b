package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import io.millrace.runtime.StageMain;
import java.util.function.Function;

/** The main program of cdc-connector. */
public final class CdcConnector {
  /** Name of the stage: in consumer groups, client ids, the dead-letter topic, logs. */
  static final String STAGE = "cdc-connector";

  private CdcConnector() {}

  /** Runs the connector for PostgreSQL until it is told to stop. */
  public static void main(String[] args) {
    run(args, Source.POSTGRESQL, PostgresSource::new);
  }

  /**
   * Runs the connector for another kind of database until it is told to stop.
   *
   * @param connector the kind, as pipeline files name it
   * @param source the source of a pipeline
   */
  public static void run(
      String[] args, String connector, Function<PipelineFile, CapturedSource> source) {
    StageMain.run(
        STAGE,
        args,
        (file, name) -> captured(file, name, connector),
        context -> new CdcStage(context, source));
  }

  /** The pipeline with the one source that is captured here. */
  private static PipelineFile captured(PipelineFile file, String name, String connector) {
    PipelineFile captured = file.capturing(name);
    String asked = captured.source().connector();
    if (!asked.equals(connector)) {
      throw new IllegalArgumentException(
          "%s: this captures %s, and the source is 'connector: %s': start the cdc-connector of that"
                  .formatted(file.path(), connector, asked)
              + " kind of database");
    }
    return captured;
  }
}
