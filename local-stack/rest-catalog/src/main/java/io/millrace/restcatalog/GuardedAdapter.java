package io.millrace.restcatalog;

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.rest.HTTPRequest;
import org.apache.iceberg.rest.RESTCatalogAdapter;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;
import org.jspecify.annotations.Nullable;

/** Lets one client in, and gives it settings of the file store with each table. */
final class GuardedAdapter extends RESTCatalogAdapter {
  private static final int UNAUTHORIZED = 401;

  private final Optional<String> client;
  private final Map<String, String> vended;

  /**
   * Serves a catalog.
   *
   * @param client its OAuth2 name; everybody is let in without it
   * @param vended settings for clients
   */
  GuardedAdapter(Catalog catalog, Optional<String> client, Map<String, String> vended) {
    super(catalog);
    this.client = client;
    this.vended = vended;
  }

  @Override
  protected <T extends RESTResponse> @Nullable T execute(
      HTTPRequest request,
      Class<T> responseType,
      Consumer<ErrorResponse> errors,
      Consumer<Map<String, String>> headers) {
    if (!isLetIn(request)) {
      errors.accept(
          ErrorResponse.builder()
              .responseCode(UNAUTHORIZED)
              .withType("NotAuthorizedException")
              .withMessage("not the client's token")
              .build());
      return null;
    }
    T response = super.execute(request, responseType, errors, headers);
    if (response instanceof LoadTableResponse loaded && !vended.isEmpty()) {
      return castResponse(
          responseType,
          LoadTableResponse.builder()
              .withTableMetadata(loaded.tableMetadata())
              .addAllConfig(loaded.config())
              .addAllConfig(vended)
              .build());
    }
    return response;
  }

  /** The fixture writes the client's name into its tokens. */
  private boolean isLetIn(HTTPRequest request) {
    return client.isEmpty()
        || request.path().endsWith("oauth/tokens")
        || request
            .headers()
            .firstEntry("Authorization")
            .filter(header -> header.value().contains("sub=" + client.get()))
            .isPresent();
  }
}
