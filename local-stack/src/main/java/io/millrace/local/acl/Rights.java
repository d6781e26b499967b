package io.millrace.local.acl;

import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import io.millrace.pipeline.PipelineFile;
import io.millrace.schemas.Topics;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** What a service needs to be allowed in Kafka, and no more. Gathered part by part. */
final class Rights {
  private static final Set<AclOperation> INPUT = EnumSet.of(READ, DESCRIBE_CONFIGS);
  private static final Set<AclOperation> OUTPUT = EnumSet.of(WRITE, CREATE, DESCRIBE_CONFIGS);
  private static final Set<AclOperation> OWN = EnumSet.of(READ, WRITE, CREATE, DESCRIBE_CONFIGS);

  /** Kafka Streams deletes what it has repartitioned. */
  private static final Set<AclOperation> INTERNAL =
      EnumSet.of(READ, WRITE, CREATE, DELETE, DESCRIBE_CONFIGS);

  /**
   * What may be done to some resources. {@code DESCRIBE} comes with the others.
   *
   * @param resources one, or all whose names begin alike
   */
  record Right(ResourcePattern resources, Set<AclOperation> operations) {}

  private final List<Right> rights = new ArrayList<>();

  private Rights() {}

  /** Those of each service of a pipeline, by its name. */
  static Map<String, List<Right>> of(PipelineFile pipeline) {
    Topics names = pipeline.topicNames();
    Map<String, List<Right>> services = new LinkedHashMap<>();
    services.put("cdc-connector", cdcConnector(names));
    services.put("enrichment-service", enrichment(names));
    services.put("aggregation-service", aggregation(names));
    services.put("sink-service", sink(names));
    return services;
  }

  private static List<Right> cdcConnector(Topics names) {
    Rights rights = new Rights();
    rights.topics(names.changes(""), OWN);
    rights.topics(names.cdcOffsets(""), OWN);
    rights.topics(names.schemaHistory(""), OWN);
    rights.topic(names.deadLetters("cdc-connector"), OUTPUT);
    rights.member(names.connectorId(""));
    // It asks the broker how long a transaction may take.
    rights.add(
        new ResourcePattern(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL),
        EnumSet.of(DESCRIBE_CONFIGS));
    return rights.rights;
  }

  private static List<Right> enrichment(Topics names) {
    Rights rights = new Rights();
    rights.topics(names.changes(""), INPUT);
    rights.topics(names.view(""), OWN);
    rights.application(names.applicationId("enrichment"));
    rights.topic(names.deadLetters("enrichment"), OUTPUT);
    return rights.rights;
  }

  private static List<Right> aggregation(Topics names) {
    Rights rights = new Rights();
    rights.topics(names.changes(""), INPUT);
    rights.topics(names.view(""), INPUT);
    rights.topics(names.aggregate(""), OWN);
    rights.application(names.applicationId("aggregation"));
    rights.topic(names.deadLetters("aggregation"), OUTPUT);
    return rights.rights;
  }

  private static List<Right> sink(Topics names) {
    Rights rights = new Rights();
    Set<AclOperation> awaited = EnumSet.copyOf(INPUT);
    // Whoever starts first makes the topic.
    awaited.add(CREATE);
    rights.topics(names.changes(""), awaited);
    rights.topics(names.view(""), awaited);
    rights.topics(names.aggregate(""), awaited);
    rights.topic(names.lakeCommits(), OWN);
    rights.application(names.applicationId("sink-writer"));
    rights.application(names.applicationId("sink-committer"));
    rights.topic(names.deadLetters("sink-service"), OUTPUT);
    return rights.rights;
  }

  /** An application of Kafka Streams, with the topics of its own. */
  private void application(String id) {
    topics(id, INTERNAL);
    member(id);
  }

  /** A group and transactions of that name. */
  private void member(String id) {
    add(new ResourcePattern(ResourceType.GROUP, id, PatternType.PREFIXED), EnumSet.of(READ));
    add(
        new ResourcePattern(ResourceType.TRANSACTIONAL_ID, id, PatternType.PREFIXED),
        EnumSet.of(WRITE));
  }

  private void topic(String name, Set<AclOperation> operations) {
    add(new ResourcePattern(ResourceType.TOPIC, name, PatternType.LITERAL), operations);
  }

  private void topics(String prefix, Set<AclOperation> operations) {
    add(new ResourcePattern(ResourceType.TOPIC, prefix, PatternType.PREFIXED), operations);
  }

  private void add(ResourcePattern resources, Set<AclOperation> operations) {
    rights.add(new Right(resources, operations));
  }
}
