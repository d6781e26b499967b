package io.millrace.runtime.http;

import io.micronaut.core.annotation.Order;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import org.jspecify.annotations.Nullable;

/**
 * Lets only the bearer of the process's token change its state: whatever does more than read needs
 * the {@link RequestToken}.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
@Order(Ordered.HIGHEST_PRECEDENCE)
final class TokenFilter {
  private final RequestToken token;

  TokenFilter(RequestToken token) {
    this.token = token;
  }

  /** The refusal; null lets the request through. */
  @RequestFilter
  @Nullable HttpResponse<?> refusal(HttpRequest<?> request) {
    return reads(request.getMethod()) ? null : token.refusal(request);
  }

  private static boolean reads(HttpMethod method) {
    return switch (method) {
      case GET, HEAD, OPTIONS -> true;
      default -> false;
    };
  }
}
