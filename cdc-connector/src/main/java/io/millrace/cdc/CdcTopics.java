package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.TopicAdmin;

/** The topics that cdc-connector owns. */
final class CdcTopics {
  private CdcTopics() {}

  /** The topic of the source's offsets. */
  static String offsets(PipelineFile file) {
    return file.topicNames().cdcOffsets(file.source().name());
  }

  /** The topic of the source's schema history. */
  static String history(PipelineFile file) {
    return file.topicNames().schemaHistory(file.source().name());
  }

  /** Consumer group and transactional id of the source's connectors. */
  static String connectorId(PipelineFile file) {
    return file.topicNames().connectorId(file.source().name());
  }

  /**
   * Creates the offsets topic if it is missing.
   *
   * @throws IllegalStateException when it has settings that contradict the pipeline
   */
  static void ensureOffsets(PipelineFile file) {
    try (TopicAdmin admin = new TopicAdmin(file)) {
      admin.ensureOffsets(offsets(file));
    }
  }

  /**
   * Creates those that are missing.
   *
   * @throws IllegalStateException when one has settings that contradict the pipeline
   */
  static void ensure(PipelineFile file, CapturedSource source) {
    try (TopicAdmin admin = new TopicAdmin(file)) {
      admin.ensureOffsets(offsets(file));
      admin.ensureDeadLetters(file.topicNames().deadLetters(CdcConnector.STAGE));
      if (source.hasHistory()) {
        admin.ensureHistory(history(file));
      }
      file.source()
          .tables()
          .keySet()
          .forEach(table -> admin.ensureCompacted(file.topicNames().changes(table)));
    }
  }
}
