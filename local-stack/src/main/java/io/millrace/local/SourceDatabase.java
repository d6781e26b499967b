package io.millrace.local;

import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL database that a pipeline captures.
 *
 * @param host its host
 * @param port its port
 * @param name the database
 * @param user the role to connect as
 * @param password of the role; empty when the server asks for none
 */
public record SourceDatabase(String host, int port, String name, String user, String password) {
  private static final String SCHEME = "jdbc:postgresql://";
  private static final int DEFAULT_PORT = 5432;

  /**
   * Reads a JDBC URL; user and password come from its parameters, else from {@code PGUSER} and
   * {@code PGPASSWORD}.
   *
   * @throws StackException if the URL is not of the form {@code
   *     jdbc:postgresql://host[:port]/database[?user=..&password=..]}
   */
  public static SourceDatabase of(String url, Map<String, String> environment) {
    if (!url.startsWith(SCHEME)) {
      throw malformed(url);
    }
    URI uri;
    try {
      uri = URI.create(url.substring("jdbc:".length()));
    } catch (IllegalArgumentException e) {
      throw malformed(url);
    }
    String path = uri.getPath();
    if (uri.getHost() == null || path == null || path.length() < 2) {
      throw malformed(url);
    }
    Map<String, String> parameters = parameters(uri.getRawQuery());
    String user =
        parameters.getOrDefault(
            "user", environment.getOrDefault("PGUSER", System.getProperty("user.name")));
    String password =
        parameters.getOrDefault("password", environment.getOrDefault("PGPASSWORD", ""));
    return new SourceDatabase(
        uri.getHost(),
        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
        path.substring(1),
        user,
        password);
  }

  /** JDBC URL, user included, password not. */
  public String url() {
    return "%s%s:%d/%s?user=%s".formatted(SCHEME, host, port, name, user);
  }

  /** JDBC URL, password included: nothing to print. */
  String urlWithPassword() {
    return password.isEmpty()
        ? url()
        : url() + "&password=" + URLEncoder.encode(password, StandardCharsets.UTF_8);
  }

  /** What the pipeline file takes from the environment. */
  Map<String, String> environment() {
    return Map.of(
        "DB_HOST", host,
        "DB_PORT", Integer.toString(port),
        "DB_NAME", name,
        "DB_USER", user,
        "DB_PASSWORD", password);
  }

  /** Everything but the password. */
  @Override
  public String toString() {
    return url();
  }

  private static Map<String, String> parameters(@Nullable String query) {
    Map<String, String> parameters = new HashMap<>();
    if (query != null) {
      for (String parameter : query.split("&", -1)) {
        int equals = parameter.indexOf('=');
        if (equals > 0) {
          parameters.put(
              parameter.substring(0, equals),
              URLDecoder.decode(parameter.substring(equals + 1), StandardCharsets.UTF_8));
        }
      }
    }
    return parameters;
  }

  private static StackException malformed(String url) {
    int secrets = url.indexOf('?');
    return new StackException(
        "'%s' is not a PostgreSQL JDBC URL; write jdbc:postgresql://host:port/database?user=NAME,"
                .formatted(secrets < 0 ? url : url.substring(0, secrets))
            + " and the password in the environment variable PGPASSWORD");
  }
}
