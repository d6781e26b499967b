package io.millrace.runtime.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/**
 * How to reach a registry.
 *
 * @param url of the API, without a slash at its end
 * @param authorization value of the Authorization header, when there is one
 * @param tls when the file sets {@code ssl.*}
 */
record RegistrySettings(String url, Optional<String> authorization, Optional<SSLContext> tls) {
  private static final String URL = "url";
  private static final String BASIC = "basic.auth.user.info";
  private static final String BEARER = "bearer.auth.token";

  /**
   * Reads the file's {@code registry} settings.
   *
   * @throws IllegalArgumentException for a setting that is missing, unknown or malformed
   */
  static RegistrySettings of(Map<String, String> settings) {
    Map<String, String> tls = new HashMap<>();
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String name = setting.getKey();
      if (name.startsWith("ssl.")) {
        tls.put(name, setting.getValue());
      } else if (!name.equals(URL) && !name.equals(BASIC) && !name.equals(BEARER)) {
        throw new IllegalArgumentException(
            "registry setting '%s' is unknown; known are %s, %s, %s and ssl.*"
                .formatted(name, URL, BASIC, BEARER));
      }
    }
    return new RegistrySettings(url(settings), authorization(settings), tls(tls));
  }

  private static String url(Map<String, String> settings) {
    String url = settings.getOrDefault(URL, "");
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("registry url '" + url + "' is malformed", e);
    }
    if (uri.getHost() == null
        || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
      throw new IllegalArgumentException(
          "registry url '" + url + "' must be like https://registry.example.org/apis/ccompat/v7");
    }
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  private static Optional<String> authorization(Map<String, String> settings) {
    String basic = settings.getOrDefault(BASIC, "");
    String bearer = settings.getOrDefault(BEARER, "");
    if (!basic.isEmpty() && !bearer.isEmpty()) {
      throw new IllegalArgumentException("registry settings hold both " + BASIC + " and " + BEARER);
    }
    if (!basic.isEmpty()) {
      return Optional.of("Basic " + Base64.getEncoder().encodeToString(basic.getBytes(UTF_8)));
    }
    return bearer.isEmpty() ? Optional.empty() : Optional.of("Bearer " + bearer);
  }

  /** Kafka's own reading of {@code ssl.*}, so that JKS, PKCS12 and PEM work as for the brokers. */
  private static Optional<SSLContext> tls(Map<String, String> settings) {
    if (settings.isEmpty()) {
      return Optional.empty();
    }
    ConfigDef definition = new ConfigDef();
    SslConfigs.addClientSslSupport(definition);
    for (String name : settings.keySet()) {
      if (!definition.names().contains(name)) {
        throw new IllegalArgumentException("registry setting '" + name + "' is unknown to Kafka");
      }
    }
    try (DefaultSslEngineFactory factory = new DefaultSslEngineFactory()) {
      factory.configure(new AbstractConfig(definition, settings, false).values());
      return Optional.of(factory.sslContext());
    } catch (ConfigException e) {
      throw new IllegalArgumentException("registry ssl settings: " + e.getMessage(), e);
    } catch (KafkaException e) {
      throw new IllegalArgumentException(
          "registry ssl settings: " + e.getMessage() + ": " + e.getCause(), e);
    }
  }
}
