package io.millrace.restcatalog;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.rest.RESTCatalogServlet;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Makes a catalog for the first part of a path when it is first asked for. Thread-safe. */
final class CatalogsByPath extends Handler.Abstract {
  private static final String VENDED = "vend.";

  private final Map<String, String> settings = new HashMap<>();
  private final Map<String, String> vended = new HashMap<>();
  private final Optional<String> client;
  private final Map<String, Handler> catalogs = new HashMap<>();

  CatalogsByPath(Map<String, String> all) {
    all.forEach(
        (name, value) -> {
          if (name.startsWith(VENDED)) {
            vended.put(name.substring(VENDED.length()), value);
          } else {
            settings.put(name, value);
          }
        });
    client = Optional.ofNullable(settings.remove("client"));
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    HttpURI uri = request.getHttpURI();
    String[] path = uri.getPath().split("/", 3);
    if (path.length < 3) {
      return false;
    }
    HttpURI inCatalog = HttpURI.build(uri, "/" + path[2], uri.getParam(), uri.getQuery());
    return catalog(path[1]).handle(Request.serveAs(request, inCatalog), response, callback);
  }

  private synchronized Handler catalog(String name) throws Exception {
    Handler known = catalogs.get(name);
    if (known != null) {
      return known;
    }
    Map<String, String> own = new HashMap<>(settings);
    own.computeIfPresent(
        CatalogProperties.WAREHOUSE_LOCATION, (any, warehouse) -> warehouse + "/" + name);
    ServletContextHandler handler = new ServletContextHandler();
    handler.addServlet(
        new ServletHolder(
            new RESTCatalogServlet(
                new GuardedAdapter(
                    CatalogUtil.buildIcebergCatalog(name, own, null), client, vended))),
        "/*");
    handler.setServer(getServer());
    handler.start();
    catalogs.put(name, handler);
    return handler;
  }
}
