package io.millrace.runtime;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.SourceTable;
import io.millrace.pipeline.plan.Relation;
import io.millrace.runtime.serde.RegistryRefusedException;
import io.millrace.runtime.serde.RegistryUnavailableException;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.SourceMetadata;
import io.millrace.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source tables of a pipeline as relations, from the schemas that cdc-connector registers
 * before it captures anything.
 */
public final class PipelineSchemas {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineSchemas.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration REMIND = Duration.ofSeconds(10);

  private final PipelineFile pipeline;
  private final SchemaRegistry registry;

  /** Schemas of {@code pipeline}, which stand in {@code registry}. */
  public PipelineSchemas(PipelineFile pipeline, SchemaRegistry registry) {
    this.pipeline = pipeline;
    this.registry = registry;
  }

  /**
   * Waits until every source table's key and value schema is registered, logging which are missing.
   *
   * @return relations by table name, in the file's order
   * @throws InterruptedException when interrupted while waiting
   * @throws RegistryRefusedException when waiting for the registry does not help
   */
  public Map<String, Relation> sourceTables() throws InterruptedException {
    Map<String, Relation> found = new LinkedHashMap<>();
    long nextLine = System.nanoTime();
    while (true) {
      String missing = find(found);
      if (missing.isEmpty()) {
        return inFileOrder(found);
      }
      if (System.nanoTime() - nextLine >= 0) {
        LOG.info("Waiting for cdc-connector to register schemas: {}", missing);
        nextLine = System.nanoTime() + REMIND.toNanos();
      }
      Thread.sleep(POLL);
    }
  }

  /** Adds the relations registered by now; returns what is missing, empty when nothing. */
  private String find(Map<String, Relation> found) {
    List<String> missing = new ArrayList<>();
    for (String table : pipeline.tables().keySet()) {
      if (!found.containsKey(table)) {
        try {
          relation(table)
              .ifPresentOrElse(relation -> found.put(table, relation), () -> missing.add(table));
        } catch (RegistryRefusedException e) {
          throw e;
        } catch (RegistryUnavailableException e) {
          return e.getMessage() == null ? "the registry does not answer" : e.getMessage();
        }
      }
    }
    return missing.isEmpty() ? "" : "missing of tables " + String.join(", ", missing);
  }

  private Map<String, Relation> inFileOrder(Map<String, Relation> found) {
    Map<String, Relation> relations = new LinkedHashMap<>();
    for (SourceTable table : pipeline.tables().values()) {
      Relation relation = found.get(table.name());
      if (relation != null) {
        relations.put(table.name(), relation);
      }
    }
    return relations;
  }

  private Optional<Relation> relation(String table) {
    String topic = pipeline.topicNames().changes(table);
    Optional<Schema> key = registry.latest(Topics.keySubject(topic));
    Optional<Schema> value = registry.latest(Topics.valueSubject(topic));
    if (key.isEmpty() || value.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(relation(table, key.get(), value.get()));
  }

  /**
   * A source table as a relation.
   *
   * @param key the key schema of its topic
   * @param envelope the value schema of its topic, made by {@link ChangeEvent#schema}
   */
  public static Relation relation(String table, Schema key, Schema envelope) {
    Schema columns = ChangeEvent.row(envelope);
    List<Schema.Field> fields = new ArrayList<>();
    columns.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
    fields.add(new Schema.Field(SourceMetadata.SOURCE_TS, SourceMetadata.sourceTs()));
    fields.add(new Schema.Field(SourceMetadata.SOURCE_POS, SourceMetadata.sourcePos()));
    Schema row =
        Schema.createRecord(
            columns.getName(), columns.getDoc(), columns.getNamespace(), false, fields);
    return new Relation(table, Relation.Kind.SOURCE_TABLE, key, row);
  }
}
