package io.millrace.restcatalog;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Iceberg catalogs behind Iceberg's REST protocol, on the loopback interface: the fixtures that
 * Iceberg's own tests have of such a server, for tests and a local stack. The first part of a path
 * is the name of a catalog, which is there as soon as it is asked for.
 */
final class RestCatalog {
  private RestCatalog() {}

  /**
   * Serves until the process ends.
   *
   * @param args {@code --properties FILE}. {@code port}: where it listens. {@code client}: the
   *     OAuth2 client that is let in, with any secret; without it there is no authentication.
   *     {@code vend.<setting>}: what clients get with each table, as from a catalog that vends
   *     access to its files. All others are settings of each catalog, its {@code warehouse}
   *     followed by its name
   */
  public static void main(String[] args) throws Exception {
    if (args.length != 2 || !args[0].equals("--properties")) {
      throw new IllegalArgumentException("usage: RestCatalog --properties FILE");
    }
    Map<String, String> settings = read(Path.of(args[1]));
    int port = Integer.parseInt(settings.remove("port"));
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    server.addConnector(connector);
    server.setHandler(new CatalogsByPath(settings));
    server.start();
    server.join();
  }

  private static Map<String, String> read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    Map<String, String> settings = new TreeMap<>();
    properties.forEach((name, value) -> settings.put((String) name, (String) value));
    return settings;
  }
}
