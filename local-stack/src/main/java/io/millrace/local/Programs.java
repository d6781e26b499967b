package io.millrace.local;

import static java.util.stream.Collectors.toMap;

import io.millrace.pipeline.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;

/** What each process of a stack runs, but PostgreSQL, which starts by its own tools. */
final class Programs implements AutoCloseable {
  private final StackSettings settings;
  private final Ports ports;
  private final Addresses addresses;
  private final Networks networks;
  private final Installation installation = Installation.find();
  private final Spawner spawner = new Spawner();

  /** Of the object store, known to the catalog, which gives it to its clients. */
  private final String storeKey = UUID.randomUUID().toString();

  /** Kind of each source's database, by the source's name. */
  private volatile Map<String, String> connectors = Map.of();

  /**
   * Programs of a stack.
   *
   * @throws StackException if Millrace is not built
   */
  Programs(StackSettings settings, Ports ports, Addresses addresses, Networks networks) {
    this.settings = settings;
    this.ports = ports;
    this.addresses = addresses;
    this.networks = networks;
  }

  /** Tells which sources connectors will be started for. */
  void capture(List<Source> sources) {
    connectors = sources.stream().collect(toMap(Source::name, Source::connector));
  }

  /** Starts one; its output is appended to {@code log}. */
  ProcessHandle start(Member member, Path log) throws IOException {
    List<String> program =
        switch (member.component()) {
          case KAFKA -> broker();
          case REGISTRY -> registry();
          case OBJECT_STORE -> objectStore();
          case REST_CATALOG -> restCatalog();
          case CDC_CONNECTOR -> connector(member.source());
          default -> service(member.component().id(), member.component().mainClass());
        };
    List<String> options = settings.jvmOptions().getOrDefault(member.id(), List.of());
    Map<String, String> environment = new HashMap<>();
    if (member.isService()) {
      environment.putAll(addresses.environment());
      environment.putAll(networks.environment(member));
      environment.put("MILLRACE_PIPELINE_FILE", settings.pipelineFile().toString());
      environment.put("MILLRACE_SOURCE", member.source());
      environment.put(
          "MILLRACE_STATE_DIR",
          settings.directory().resolve("state").resolve(member.id()).toString());
      environment.put("MILLRACE_HTTP_HOST", "127.0.0.1");
      environment.put("MILLRACE_HTTP_PORT", Integer.toString(ports.of(member)));
    }
    // glibc keeps an arena per thread otherwise, most of it unused
    environment.put("MALLOC_ARENA_MAX", "2");
    return spawner
        .start(Jvm.command(installation, member, options, program), environment, log)
        .toHandle();
  }

  private List<String> broker() throws IOException {
    Path file = settings.directory().resolve("kafka.properties");
    BrokerSettings.write(
        file,
        settings.directory().resolve("kafka"),
        ports.of(Component.KAFKA),
        ports.controller(),
        networks.brokerListeners(),
        settings.broker());
    return List.of(
        "-Dlogback.configurationFile=millrace-broker-logback.xml",
        "-cp",
        // whoever runs a stack has the broker's jars
        System.getProperty("java.class.path"),
        Component.KAFKA.mainClass(),
        file.toString(),
        BrokerSettings.CLUSTER_ID);
  }

  private List<String> registry() {
    return List.of(
        "-Dquarkus.http.host=127.0.0.1",
        "-Dquarkus.http.port=" + ports.of(Component.REGISTRY),
        "-Dquarkus.management.host=127.0.0.1",
        "-Dquarkus.management.port=" + ports.registryManagement(),
        "-Dapicurio.storage.kind=sql",
        "-Dapicurio.storage.sql.kind=postgresql",
        "-Dapicurio.datasource.url=" + addresses.database(Addresses.REGISTRY),
        "-Dapicurio.datasource.username=" + EmbeddedDatabase.USER,
        "-Dapicurio.datasource.password=",
        "-jar",
        installation.registryJar().toString());
  }

  private List<String> objectStore() throws IOException {
    Map<String, String> properties =
        Map.of(
            "s3proxy.endpoint",
            "http://127.0.0.1:" + ports.of(Component.OBJECT_STORE),
            "s3proxy.authorization",
            "aws-v2-or-v4",
            "s3proxy.identity",
            Addresses.LAKE,
            "s3proxy.credential",
            storeKey,
            "jclouds.provider",
            "filesystem-nio2",
            "jclouds.identity",
            "local",
            "jclouds.credential",
            "local",
            "jclouds.filesystem.basedir",
            settings.directory().resolve("warehouse").toString());
    return program(Component.OBJECT_STORE, properties);
  }

  private List<String> restCatalog() throws IOException {
    Map<String, String> files =
        Map.of(
            "s3.access-key-id",
            Addresses.LAKE,
            "s3.secret-access-key",
            storeKey,
            "s3.path-style-access",
            "true",
            "client.region",
            "us-east-1");
    Map<String, String> properties = new HashMap<>(files);
    properties.put("port", Integer.toString(ports.of(Component.REST_CATALOG)));
    properties.put("type", "jdbc");
    properties.put("uri", addresses.database(Addresses.LAKE));
    properties.put("jdbc.schema-version", "V1");
    properties.put("warehouse", "s3://" + Addresses.LAKE);
    properties.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
    properties.put("http-client.type", "urlconnection");
    properties.put("s3.endpoint", "http://127.0.0.1:" + ports.of(Component.OBJECT_STORE));
    files.forEach((name, value) -> properties.put("vend." + name, value));
    properties.put("vend.s3.endpoint", "http://127.0.0.1:" + networks.objectStore(ports));
    return program(Component.REST_CATALOG, properties);
  }

  /** A program that is not a service, with its properties in a file of their own. */
  private List<String> program(Component component, Map<String, String> settingsOf)
      throws IOException {
    Properties properties = new Properties();
    properties.putAll(settingsOf);
    Path file = settings.directory().resolve(component.id() + ".properties");
    try (OutputStream out = Files.newOutputStream(file)) {
      properties.store(out, null);
    }
    return List.of(
        "-cp",
        installation.classPath("local-stack/" + component.id()),
        component.mainClass(),
        "--properties",
        file.toString());
  }

  /** Each kind of database has a program of its own. */
  private List<String> connector(String source) {
    return switch (connectors.getOrDefault(source, Source.POSTGRESQL)) {
      case Source.MARIADB -> service("cdc-mariadb", "io.millrace.cdc.mariadb.MariaDbCdcConnector");
      case Source.MYSQL -> service("cdc-mysql", "io.millrace.cdc.mysql.MySqlCdcConnector");
      default -> service(Component.CDC_CONNECTOR.id(), Component.CDC_CONNECTOR.mainClass());
    };
  }

  private List<String> service(String module, String mainClass) {
    return List.of("-cp", installation.classPath(module), mainClass);
  }

  @Override
  public void close() {
    spawner.close();
  }
}
