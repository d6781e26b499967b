package io.millrace.local.lake;

import io.millrace.local.KafkaOffsets;
import io.millrace.local.StackException;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.ExecutionException;

/**
 * How far a source database has committed, and how much of that Kafka has. Places of its log are
 * written as the database writes them.
 */
interface SourceLog extends AutoCloseable {
  /**
   * Connects as the pipeline file says.
   *
   * @param application what the database is told who we are
   * @throws StackException when the database does not let us in
   */
  static SourceLog open(
      PipelineFile pipeline, Source source, KafkaOffsets kafka, String application) {
    return source.connector().equals(Source.POSTGRESQL)
        ? new PostgresLog(
            PostgresReader.connect(source, application), source.slotName(pipeline.pipeline()))
        : new BinlogLog(
            BinlogReader.connect(source),
            source,
            kafka,
            pipeline.topicNames().cdcOffsets(source.name()));
  }

  /** Whether a time of the database's clock has come. */
  boolean isPast(Instant time) throws SQLException;

  /** Behind all that was committed by now. */
  String end() throws SQLException;

  /** Whether Kafka has all that was committed before a place. */
  boolean isCaptured(String place) throws SQLException, InterruptedException, ExecutionException;

  @Override
  void close() throws SQLException;

  /** The first column of the first row, as text. */
  static String text(Connection connection, String sql, String... values) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        query.setString(i + 1, values[i]);
      }
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }
}
