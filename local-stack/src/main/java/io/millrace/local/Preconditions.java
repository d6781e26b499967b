package io.millrace.local;

import io.millrace.cdc.SourceCheck;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What must be true of the user's pipeline file and database before a stack is any use. */
final class Preconditions {
  private final PipelineFile pipeline;

  Preconditions(PipelineFile pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * Checks them.
   *
   * @throws StackException listing everything that is missing
   */
  void check(LocalStack stack) {
    Map<String, String> expected = stack.environment();
    refersTo(
        "kafka: {bootstrap.servers: \"${KAFKA_BOOTSTRAP_SERVERS}\"}",
        pipeline.kafka().get("bootstrap.servers"),
        expected.get("KAFKA_BOOTSTRAP_SERVERS"));
    refersTo(
        "registry: {url: \"${SCHEMA_REGISTRY_URL}\"}",
        pipeline.registry().get("url"),
        expected.get("SCHEMA_REGISTRY_URL"));
    if (pipeline.sources().size() == 1 && isPostgres(pipeline.source())) {
      takesItsDatabaseFromTheStack(expected);
    }
    for (Source source : pipeline.sources()) {
      if (isPostgres(source)) {
        check(source);
      }
    }
  }

  private static boolean isPostgres(Source source) {
    return source.connector().equals(Source.POSTGRESQL);
  }

  private void takesItsDatabaseFromTheStack(Map<String, String> expected) {
    Map<String, String> config = pipeline.source().config();
    String database = "source: {config: {database.%s: \"${DB_%s}\"}}";
    refersTo(
        database.formatted("hostname", "HOST"),
        config.get("database.hostname"),
        expected.get("DB_HOST"));
    refersTo(
        database.formatted("port", "PORT"), config.get("database.port"), expected.get("DB_PORT"));
    refersTo(
        database.formatted("dbname", "NAME"),
        config.get("database.dbname"),
        expected.get("DB_NAME"));
  }

  /** The connectors of other databases check these themselves, when they start. */
  private void check(Source source) {
    List<String> problems = SourceCheck.problems(pipeline.capturing(source.name()));
    if (!problems.isEmpty()) {
      throw new StackException(
          "the database %scannot be captured yet:\n  - %s"
              .formatted(
                  source.name().isEmpty() ? "" : source.name() + " ",
                  String.join("\n  - ", problems)));
    }
  }

  /** A file with addresses of its own would run beside the stack, not on it. */
  private void refersTo(String write, @Nullable String actual, @Nullable String expected) {
    if (expected != null && !expected.equals(actual)) {
      throw new StackException(
          "%s does not take its addresses from the stack (it has %s): write %s"
              .formatted(pipeline.path(), actual, write));
    }
  }
}
