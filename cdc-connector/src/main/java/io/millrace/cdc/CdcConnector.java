package io.millrace.cdc;

import io.millrace.runtime.StageMain;

/** The main program of cdc-connector. */
public final class CdcConnector {
  /** Name of the stage: in consumer groups, client ids, the dead-letter topic, logs. */
  static final String STAGE = "cdc-connector";

  private CdcConnector() {}

  /** Runs the connector until it is told to stop. */
  public static void main(String[] args) {
    StageMain.run(STAGE, args, CdcStage::new);
  }
}
