package io.millrace.sink;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A REST catalog over an S3 store, each a process of its own behind a line that can be spoilt. Who
 * uses the lake knows the catalog's address and one secret; the way to the files, and the keys to
 * the store, it gets from the catalog.
 */
public final class RemoteLake implements AutoCloseable {
  private static final Path SERVERS = Path.of("..", "local-stack");
  private static final String CLIENT = "sink";
  private static final String BUCKET = "lake";

  private final Process store;
  private final Process catalog;
  private final FaultyLine toStore;
  private final FaultyLine toCatalog;

  private RemoteLake(Process store, Process catalog, FaultyLine toStore, FaultyLine toCatalog) {
    this.store = store;
    this.catalog = catalog;
    this.toStore = toStore;
    this.toCatalog = toCatalog;
  }

  /**
   * Starts both.
   *
   * @param directory of the store's files
   * @param database JDBC URL, for the catalog
   */
  static RemoteLake start(Path directory, String database) {
    String secret = UUID.randomUUID().toString();
    int storePort = freePort();
    int catalogPort = freePort();
    FaultyLine toStore = new FaultyLine(storePort, 1);
    FaultyLine toCatalog = new FaultyLine(catalogPort, 2);
    Process store = startStore(directory, storePort, secret);
    Map<String, String> files =
        Map.of(
            "s3.access-key-id",
            CLIENT,
            "s3.secret-access-key",
            secret,
            "s3.path-style-access",
            "true",
            "client.region",
            "us-east-1");
    Map<String, String> settings = new TreeMap<>(files);
    settings.put("port", "" + catalogPort);
    settings.put("client", CLIENT);
    settings.put("type", "jdbc");
    settings.put("uri", database);
    settings.put("jdbc.schema-version", "V1");
    settings.put("jdbc.user", "postgres");
    settings.put("jdbc.password", "postgres");
    settings.put("warehouse", "s3://" + BUCKET);
    settings.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
    settings.put("http-client.type", "urlconnection");
    settings.put("s3.endpoint", "http://127.0.0.1:" + storePort);
    files.forEach((name, value) -> settings.put("vend." + name, value));
    settings.put("vend.s3.endpoint", toStore.address());
    Process catalog =
        start(
            "rest-catalog",
            "io.millrace.restcatalog.RestCatalog",
            directory.resolve("catalog.properties"),
            settings,
            catalogPort);
    return new RemoteLake(store, catalog, toStore, toCatalog);
  }

  private static Process startStore(Path directory, int port, String secret) {
    Path files = directory.resolve("store");
    try {
      Files.createDirectories(files.resolve(BUCKET));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return start(
        "object-store",
        "org.gaul.s3proxy.Main",
        directory.resolve("store.properties"),
        Map.of(
            "s3proxy.endpoint",
            "http://127.0.0.1:" + port,
            "s3proxy.authorization",
            "aws-v2-or-v4",
            "s3proxy.identity",
            CLIENT,
            "s3proxy.credential",
            secret,
            "jclouds.provider",
            "filesystem-nio2",
            "jclouds.identity",
            "local",
            "jclouds.credential",
            "local",
            "jclouds.filesystem.basedir",
            files.toString()),
        port);
  }

  private static Process start(
      String module, String mainClass, Path file, Map<String, String> settings, int port) {
    Path jars = SERVERS.resolve(module).resolve("target").resolve("app");
    if (!Files.isDirectory(jars)) {
      throw new IllegalStateException(jars + " is missing: build " + module + " first");
    }
    StringBuilder lines = new StringBuilder();
    new TreeMap<>(settings)
        .forEach((name, value) -> lines.append(name).append('=').append(value).append('\n'));
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, lines);
      List<String> command =
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx128m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-cp",
              jars + "/*",
              mainClass,
              "--properties",
              file.toString());
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(file.resolveSibling(module + ".log").toFile())
              .start();
      await().atMost(Duration.ofMinutes(2)).until(() -> !process.isAlive() || listens(port));
      if (!process.isAlive()) {
        throw new IllegalStateException(
            module + " ended: " + Files.readString(file.resolveSibling(module + ".log")));
      }
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a pipeline file says of the catalog of a name: no word of where its files are. */
  Map<String, String> catalog(String name) {
    return Map.of(
        "type", "rest",
        "uri", toCatalog.address() + "/" + name,
        "rest.auth.type", "oauth2",
        "oauth2-server-uri", toCatalog.address() + "/" + name + "/v1/oauth/tokens",
        "credential", CLIENT + ":any");
  }

  /** The way to the catalog. */
  FaultyLine toCatalog() {
    return toCatalog;
  }

  /** The way to the files. */
  FaultyLine toStore() {
    return toStore;
  }

  @Override
  public void close() {
    toCatalog.close();
    toStore.close();
    catalog.destroyForcibly().onExit().join();
    store.destroyForcibly().onExit().join();
  }
}
