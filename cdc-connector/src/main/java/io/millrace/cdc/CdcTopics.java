package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.TopicAdmin;

/** The topics that cdc-connector owns. */
final class CdcTopics {
  private CdcTopics() {}

  /**
   * Creates the offsets topic if it is missing.
   *
   * @throws IllegalStateException when it has settings that contradict the pipeline
   */
  static void ensureOffsets(PipelineFile file) {
    try (TopicAdmin admin = new TopicAdmin(file)) {
      admin.ensureOffsets(file.topicNames().cdcOffsets());
    }
  }

  /**
   * Creates those that are missing.
   *
   * @throws IllegalStateException when one has settings that contradict the pipeline
   */
  static void ensure(PipelineFile file, CapturedSource source) {
    try (TopicAdmin admin = new TopicAdmin(file)) {
      admin.ensureOffsets(file.topicNames().cdcOffsets());
      admin.ensureDeadLetters(file.topicNames().deadLetters(CdcConnector.STAGE));
      if (source.hasHistory()) {
        admin.ensureHistory(file.topicNames().schemaHistory());
      }
      file.source()
          .tables()
          .keySet()
          .forEach(table -> admin.ensureCompacted(file.topicNames().changes(table)));
    }
  }
}
