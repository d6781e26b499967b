package io.millrace.local;

import java.util.HashMap;
import java.util.Map;

/** Where the processes of a stack listen, and what tells others so. */
final class Addresses {
  static final String SHOP = "shop";
  static final String LAKE = "lake";
  static final String REGISTRY = "registry";

  private final StackSettings settings;
  private final Ports ports;

  Addresses(StackSettings settings, Ports ports) {
    this.settings = settings;
    this.ports = ports;
  }

  /** Where a process listens, as a client needs it. */
  String of(Member member) {
    int port = ports.of(member);
    return switch (member.component()) {
      case POSTGRES -> database(SHOP);
      case KAFKA -> broker(port);
      case REGISTRY -> registry(port);
      case REST_CATALOG -> catalog(port);
      default -> "http://127.0.0.1:" + port;
    };
  }

  static String broker(int port) {
    return "127.0.0.1:" + port;
  }

  static String registry(int port) {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  static String catalog(int port) {
    return "http://127.0.0.1:" + port + "/" + LAKE;
  }

  /** Where clients find the lake's catalog, others than services whose networks can be cut. */
  String lakeCatalog() {
    return settings.lake() == LakePlace.S3 ? of(Component.REST_CATALOG) : database(LAKE);
  }

  private String of(Component component) {
    return of(Member.of(component));
  }

  /** JDBC URL of a database of the embedded server, user included. */
  String database(String name) {
    return EmbeddedDatabase.url(ports.of(Component.POSTGRES), name);
  }

  /** The database that the pipeline captures. */
  SourceDatabase source() {
    return settings
        .database()
        .orElseGet(
            () ->
                new SourceDatabase(
                    "127.0.0.1", ports.of(Component.POSTGRES), SHOP, EmbeddedDatabase.USER, ""));
  }

  /** What the services and the pipeline file find in their environment. */
  Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(source().environment());
    environment.put("KAFKA_BOOTSTRAP_SERVERS", of(Component.KAFKA));
    environment.put("SCHEMA_REGISTRY_URL", of(Component.REGISTRY));
    environment.put("LAKE_CATALOG_TYPE", settings.lake() == LakePlace.S3 ? "rest" : "jdbc");
    environment.put("LAKE_CATALOG_URI", lakeCatalog());
    environment.put("LAKE_CATALOG_USER", EmbeddedDatabase.USER);
    environment.put("LAKE_CATALOG_PASSWORD", "");
    environment.put(
        "LAKE_WAREHOUSE",
        settings.lake() == LakePlace.S3
            ? "s3://" + LAKE
            : "file://" + settings.directory().resolve("warehouse").toAbsolutePath());
    environment.putAll(settings.environment());
    return environment;
  }
}
