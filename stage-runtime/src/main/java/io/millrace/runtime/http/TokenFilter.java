package io.millrace.runtime.http;

import io.micronaut.context.annotation.Value;
import io.micronaut.core.annotation.Order;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Lets only the bearer of the process's token change its state: whatever does more than read needs
 * {@code Authorization: Bearer}. Without a token nobody may.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
@Order(Ordered.HIGHEST_PRECEDENCE)
final class TokenFilter {
  /** Name of the setting that holds the token. */
  static final String TOKEN = "millrace.http.token";

  private static final String BEARER = "Bearer ";

  private final byte[] token;

  TokenFilter(@Value("${" + TOKEN + ":}") String token) {
    this.token = token.getBytes(StandardCharsets.UTF_8);
  }

  /** The refusal; null lets the request through. */
  @RequestFilter
  @Nullable HttpResponse<?> refusal(HttpRequest<?> request) {
    if (reads(request.getMethod())) {
      return null;
    }
    if (token.length == 0) {
      return refused(
          HttpStatus.FORBIDDEN,
          "This changes the service's state, which needs a token: start the service with one in the"
              + " environment variable MILLRACE_HTTP_TOKEN, and send it as 'Authorization: Bearer"
              + " <token>'.");
    }
    String given = request.getHeaders().get(HttpHeaders.AUTHORIZATION, String.class, "");
    boolean known =
        given.startsWith(BEARER)
            && MessageDigest.isEqual(
                token, given.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8));
    return known
        ? null
        : refused(
            HttpStatus.UNAUTHORIZED,
            "Send the value of MILLRACE_HTTP_TOKEN as 'Authorization: Bearer <token>'.");
  }

  private static boolean reads(HttpMethod method) {
    return switch (method) {
      case GET, HEAD, OPTIONS -> true;
      default -> false;
    };
  }

  private static MutableHttpResponse<String> refused(HttpStatus status, String reason) {
    MutableHttpResponse<String> response =
        HttpResponse.<String>status(status)
            .body(reason + "\n")
            .contentType(MediaType.TEXT_PLAIN_TYPE);
    return status == HttpStatus.UNAUTHORIZED
        ? response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer")
        : response;
  }
}
