package io.millrace.local;

import io.millrace.local.acl.Acls;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace acls}. */
@Command(
    name = "acls",
    mixinStandardHelpOptions = true,
    description = {
      "Prints what each service of a pipeline must be allowed in Kafka, and no more: as calls of"
          + " kafka-acls.sh,",
      "or as users of Strimzi's operator. They hold for all that the pipeline's name begins, also"
          + " tables and views that come later."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:printed", "2:the pipeline file is wrong"})
final class AclsCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PipelineOption pipeline = new PipelineOption();

  @Option(
      names = "--principal",
      paramLabel = "SERVICE=PRINCIPAL",
      description =
          "Who a service is to Kafka, as sink-service=User:CN=sink (default: User:<service>).")
  private Map<String, String> principals = Map.of();

  @Option(
      names = "--strimzi",
      paramLabel = "CLUSTER",
      arity = "0..1",
      fallbackValue = "millrace",
      description = "Print KafkaUser resources of this cluster (default: ${FALLBACK-VALUE}).")
  private String cluster = "";

  AclsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Acls acls = new Acls(pipeline.read());
    String text =
        cluster.isEmpty()
            ? acls.commands(service -> principals.getOrDefault(service, "User:" + service))
            : acls.strimziUsers(cluster);
    terminal.line(text.stripTrailing());
    return 0;
  }
}
