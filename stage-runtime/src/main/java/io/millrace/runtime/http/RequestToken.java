package io.millrace.runtime.http;

import io.micronaut.context.annotation.Value;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * The process's token: {@code Authorization: Bearer}. Requests that change something need it in any
 * case; what a controller shows to its bearer only, it asks for itself. Without a token nobody may.
 */
@Singleton
public final class RequestToken {
  /** Name of the setting that holds the token. */
  static final String TOKEN = "millrace.http.token";

  private static final String BEARER = "Bearer ";

  private final byte[] token;

  RequestToken(@Value("${" + TOKEN + ":}") String token) {
    this.token = token.getBytes(StandardCharsets.UTF_8);
  }

  /** The refusal of a request that does not bear it; null lets the request through. */
  public @Nullable HttpResponse<?> refusal(HttpRequest<?> request) {
    if (token.length == 0) {
      return refused(
          HttpStatus.FORBIDDEN,
          "This needs a token: start the service with one in the environment variable"
              + " MILLRACE_HTTP_TOKEN, and send it as 'Authorization: Bearer <token>'.");
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
