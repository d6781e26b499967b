package io.millrace.local.acl;

import io.millrace.local.acl.Rights.Right;
import io.millrace.pipeline.PipelineFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.SecurityUtils;

/**
 * The least that each service of a pipeline must be allowed in Kafka, in the forms that it takes.
 */
public final class Acls {
  private static final String ANY_HOST = "*";

  private final PipelineFile pipeline;

  /** Of the services of a pipeline. */
  public Acls(PipelineFile pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * As Kafka's admin client takes them.
   *
   * @param principals the principal of each service, by its name
   */
  public List<AclBinding> bindings(UnaryOperator<String> principals) {
    List<AclBinding> bindings = new ArrayList<>();
    Rights.of(pipeline)
        .forEach(
            (service, rights) ->
                rights.forEach(
                    right ->
                        right.operations().stream()
                            .map(
                                operation ->
                                    new AccessControlEntry(
                                        principals.apply(service),
                                        ANY_HOST,
                                        operation,
                                        AclPermissionType.ALLOW))
                            .map(entry -> new AclBinding(right.resources(), entry))
                            .forEach(bindings::add)));
    return bindings;
  }

  /**
   * As commands of a shell, which finds the broker in {@code BOOTSTRAP_SERVERS} and who may change
   * rights in {@code admin.properties}.
   *
   * @param principals the principal of each service, by its name
   */
  public String commands(UnaryOperator<String> principals) {
    StringBuilder commands = new StringBuilder();
    Rights.of(pipeline)
        .forEach(
            (service, rights) -> {
              commands.append("# ").append(service).append('\n');
              rights.forEach(
                  right -> commands.append(command(principals.apply(service), right)).append('\n'));
            });
    return commands.toString();
  }

  private static String command(String principal, Right right) {
    String operations =
        names(right).stream().map(name -> " --operation " + name).collect(Collectors.joining());
    ResourcePattern resources = right.resources();
    String asked =
        switch (resources.resourceType()) {
          case CLUSTER -> " --cluster";
          case TRANSACTIONAL_ID -> " --transactional-id '" + resources.name() + "'";
          default -> " --%s '%s'".formatted(lowerCase(resources.resourceType()), resources.name());
        };
    return "kafka-acls.sh --bootstrap-server \"$BOOTSTRAP_SERVERS\" --command-config"
        + " admin.properties --add --allow-principal '"
        + principal
        + "'"
        + operations
        + asked
        + (isPrefix(resources) ? " --resource-pattern-type prefixed" : "");
  }

  /**
   * As resources of Strimzi's operator, one user for each service, named {@code
   * millrace-<service>}, by certificate.
   *
   * @param cluster the Kafka resource's name
   */
  public String strimziUsers(String cluster) {
    return Rights.of(pipeline).entrySet().stream()
        .map(
            service ->
                """
                apiVersion: kafka.strimzi.io/v1beta2
                kind: KafkaUser
                metadata:
                  name: millrace-%s
                  labels: {strimzi.io/cluster: %s}
                spec:
                  authentication: {type: tls}
                  authorization:
                    type: simple
                    acls:
                %s\
                """
                    .formatted(
                        service.getKey(),
                        cluster,
                        service.getValue().stream()
                            .map(Acls::strimziRule)
                            .collect(Collectors.joining())))
        .collect(Collectors.joining("---\n"));
  }

  private static String strimziRule(Right right) {
    ResourcePattern resources = right.resources();
    String named =
        resources.resourceType() == ResourceType.CLUSTER
            ? ""
            : ", name: %s, patternType: %s"
                .formatted(resources.name(), isPrefix(resources) ? "prefix" : "literal");
    String type =
        resources.resourceType() == ResourceType.TRANSACTIONAL_ID
            ? "transactionalId"
            : lowerCase(resources.resourceType());
    return "      - {resource: {type: %s%s}, operations: [%s]}\n"
        .formatted(type, named, String.join(", ", names(right)));
  }

  private static List<String> names(Right right) {
    return right.operations().stream().map(SecurityUtils::operationName).toList();
  }

  private static boolean isPrefix(ResourcePattern resources) {
    return resources.patternType() == PatternType.PREFIXED;
  }

  private static String lowerCase(ResourceType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
