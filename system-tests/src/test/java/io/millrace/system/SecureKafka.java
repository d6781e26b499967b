package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.LocalStack;
import io.millrace.local.StackSettings;
import io.millrace.local.acl.Acls;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.ResourcePatternFilter;

/**
 * A listener of a stack's broker with TLS and SCRAM, by which the services come; each may do no
 * more than {@code millrace acls} says. Tests come by the plain one, as administrators.
 */
final class SecureKafka {
  /** For the {@code kafka} section of a pipeline file. */
  static final String PIPELINE =
      """
      kafka:
        bootstrap.servers: "${KAFKA_BOOTSTRAP_SERVERS}"
        security.protocol: "${KAFKA_SECURITY_PROTOCOL:PLAINTEXT}"
        sasl.mechanism: SCRAM-SHA-512
        ssl.truststore.type: PEM
        ssl.truststore.location: "${KAFKA_CA}"
      """;

  private static final String LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule";
  private static final String PASSWORD = "of-the-store";
  private static final int ITERATIONS = 4096;

  private final Path directory;
  private final int port;
  private final Path pipelineFile;
  private final Map<String, String> services;

  /**
   * A listener that is not there yet.
   *
   * @param directory for its files
   * @param services the service that each process is of
   */
  SecureKafka(Path directory, Path pipelineFile, Map<String, String> services) throws Exception {
    this.directory = Files.createDirectories(directory);
    this.pipelineFile = pipelineFile;
    this.services = services;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = socket.getLocalPort();
    }
    makeCertificate();
  }

  /** A stack whose services come by this listener. */
  StackSettings secure(StackSettings settings) throws IOException {
    StackSettings secured =
        settings
            .withBroker(broker())
            .withEnvironment("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + port)
            .withEnvironment("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
            .withEnvironment("KAFKA_CA", certificate().toString());
    for (Map.Entry<String, String> process : services.entrySet()) {
      Path login = directory.resolve(process.getKey() + ".jaas");
      Files.writeString(login, "KafkaClient { " + login(process.getValue()) + " };");
      secured =
          secured.withJvmOptions(
              process.getKey(), "-Djava.security.auth.login.config=" + login.toAbsolutePath());
    }
    return secured;
  }

  private Map<String, String> broker() {
    Map<String, String> settings = new HashMap<>();
    settings.put("listeners", "SECURE://127.0.0.1:" + port);
    settings.put("advertised.listeners", "SECURE://127.0.0.1:" + port);
    settings.put("listener.security.protocol.map", "SECURE:SASL_SSL");
    settings.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
    settings.put("listener.name.secure.scram-sha-512.sasl.jaas.config", LOGIN + " required;");
    settings.put("ssl.keystore.type", "PKCS12");
    settings.put("ssl.keystore.location", store().toString());
    settings.put("ssl.keystore.password", PASSWORD);
    settings.put(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    settings.put("super.users", "User:ANONYMOUS");
    return settings;
  }

  /** Makes the users and gives them their rights, before the services of a stack start. */
  void admit(LocalStack stack) throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.address("kafka")))) {
      List<UserScramCredentialAlteration> users =
          services.values().stream()
              .distinct()
              .<UserScramCredentialAlteration>map(
                  user ->
                      new UserScramCredentialUpsertion(
                          user,
                          new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS),
                          password(user)))
              .toList();
      admin.alterUserScramCredentials(users).all().get();
      var acls = new Acls(administrators(stack)).bindings(service -> "User:" + service);
      admin.createAcls(acls).all().get();
      assertThat(
              admin
                  .describeAcls(
                      new AclBindingFilter(ResourcePatternFilter.ANY, AccessControlEntryFilter.ANY))
                  .values()
                  .get())
          .containsExactlyInAnyOrderElementsOf(acls);
    }
  }

  /** Sees to it that a service may not even know of a topic. */
  void assertRefused(String service, String topic) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            "127.0.0.1:" + port,
            "security.protocol",
            "SASL_SSL",
            "sasl.mechanism",
            "SCRAM-SHA-512",
            "sasl.jaas.config",
            login(service),
            "ssl.truststore.type",
            "PEM",
            "ssl.truststore.location",
            certificate().toString());
    try (Admin admin = Admin.create(settings)) {
      assertThat(admin.describeTopics(List.of(topic)).allTopicNames())
          .failsWithin(Duration.ofMinutes(1))
          .withThrowableThat()
          .withCauseInstanceOf(TopicAuthorizationException.class);
    }
  }

  private static String login(String user) {
    return "%s required username=\"%s\" password=\"%s\";".formatted(LOGIN, user, password(user));
  }

  /** The stack's pipeline for who comes by the plain listener. */
  PipelineFile administrators(LocalStack stack) {
    Map<String, String> environment = new HashMap<>(stack.environment());
    environment.put("KAFKA_BOOTSTRAP_SERVERS", stack.address("kafka"));
    environment.put("KAFKA_SECURITY_PROTOCOL", "PLAINTEXT");
    return PipelineFileReader.read(pipelineFile, environment);
  }

  private static String password(String user) {
    return "of-" + user;
  }

  private void makeCertificate() throws Exception {
    keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=broker", "-ext", "san=ip:127.0.0.1");
    keytool("-exportcert", "-rfc", "-file", certificate().toString());
  }

  private void keytool(String... arguments) throws Exception {
    List<String> command =
        Stream.of(
                List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()),
                List.of(arguments),
                List.of("-alias", "broker", "-storetype", "PKCS12"),
                List.of("-keystore", store().toString(), "-storepass", PASSWORD))
            .flatMap(List::stream)
            .toList();
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private Path store() {
    return directory.resolve("broker.p12").toAbsolutePath();
  }

  private Path certificate() {
    return directory.resolve("broker.pem").toAbsolutePath();
  }
}
