package io.millrace.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks the cdc-connectors of a pipeline over HTTP: of several the one that leads answers. */
public final class ConnectorClient implements AutoCloseable {
  /** What the services find their token in. */
  public static final String TOKEN = "MILLRACE_HTTP_TOKEN";

  private static final Duration CONNECT = Duration.ofSeconds(3);

  /** Longer than the connector waits for Kafka. */
  private static final Duration ANSWER = Duration.ofSeconds(45);

  private static final int STANDS_BY = 409;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();

  private final List<URI> connectors;
  private final String token;

  /** A client of these replicas, with their token. */
  public ConnectorClient(List<URI> connectors, String token) {
    this.connectors = List.copyOf(connectors);
    this.token = token;
  }

  /**
   * What the leader shows at a path.
   *
   * @throws StackException when it does not, saying why
   */
  public JsonNode get(String path) throws InterruptedException {
    return ask(path, null);
  }

  /**
   * What the leader says after it did something.
   *
   * @throws StackException when it did not, or may not have, saying why
   */
  public JsonNode post(String path, String body) throws InterruptedException {
    return ask(path, body);
  }

  private JsonNode ask(String path, @Nullable String body) throws InterruptedException {
    List<String> refusals = new ArrayList<>();
    for (URI connector : connectors) {
      try {
        HttpResponse<String> answer =
            http.send(request(connector, path, body), BodyHandlers.ofString());
        if (answer.statusCode() < 300) {
          return JSON.readTree(answer.body());
        }
        refusals.add("%s: %s".formatted(connector, answer.body().strip()));
        if (answer.statusCode() != STANDS_BY) {
          break;
        }
      } catch (JsonProcessingException e) {
        throw new StackException(connector + " is no cdc-connector: its answer is not JSON", e);
      } catch (IOException e) {
        refusals.add("%s does not answer (%s)".formatted(connector, e.getClass().getSimpleName()));
      }
    }
    throw new StackException(String.join("; ", refusals));
  }

  private HttpRequest request(URI connector, String path, @Nullable String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(connector.toString().replaceAll("/+$", "") + path))
            .timeout(ANSWER)
            .header("Authorization", "Bearer " + token);
    return body == null
        ? request.build()
        : request
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
  }

  @Override
  public void close() {
    http.close();
  }
}
