package io.millrace.runtime.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that a healthy registry does not give. */
final class RegistryFailuresIT {
  private static final String FOUND = "{\"schema\":\"\\\"string\\\"\"}";

  private final Deque<Integer> statuses = new ArrayDeque<>();
  private final List<String> authorizations = new ArrayList<>();
  private HttpServer server = bind();
  private String url = "";

  private static HttpServer bind() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeEach
  void serve() {
    url = "http://127.0.0.1:" + server.getAddress().getPort();
    server.createContext(
        "/",
        exchange -> {
          String authorization = exchange.getRequestHeaders().getFirst("Authorization");
          authorizations.add(authorization == null ? "none" : authorization);
          int status = statuses.isEmpty() ? 200 : statuses.pop();
          byte[] body = (status == 200 ? FOUND : "{\"message\":\"no\"}").getBytes(UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private HttpSchemaRegistry registry(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("url", url);
    return new HttpSchemaRegistry(settings, Duration.ofSeconds(3));
  }

  @Test
  void passingFailuresAreRepeated() {
    // given
    statuses.addAll(List.of(503, 500, 429));

    // when / then
    assertThat(registry(Map.of()).schema(1).getType().getName()).isEqualTo("string");
    assertThat(authorizations).hasSize(4);
  }

  @Test
  void aRegistryThatStaysAwayIsUnavailableNotPoison() {
    // given
    server.stop(0);

    // when / then
    assertThatThrownBy(() -> registry(Map.of()).schema(1))
        .isInstanceOf(RegistryUnavailableException.class)
        .hasMessageContaining(url)
        .hasMessageContaining("/schemas/ids/1");
  }

  @Test
  void refusedCredentialsSayWhereToMendThem() {
    // given
    statuses.add(401);

    // when / then
    assertThatThrownBy(() -> registry(Map.of("basic.auth.user.info", "me:secret")).schema(1))
        .isInstanceOf(RegistryRefusedException.class)
        .hasMessageContaining("basic.auth.user.info")
        .hasMessageNotContaining("secret");
    assertThat(authorizations)
        .containsExactly(
            "Basic " + Base64.getEncoder().encodeToString("me:secret".getBytes(UTF_8)));
  }

  @Test
  void aTokenIsSent() {
    // when
    registry(Map.of("bearer.auth.token", "t0ken")).schema(1);

    // then
    assertThat(authorizations).containsExactly("Bearer t0ken");
  }
}
