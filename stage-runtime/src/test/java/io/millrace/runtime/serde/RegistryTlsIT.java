package io.millrace.runtime.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry behind TLS, with a certificate that no one but the truststore vouches for. */
final class RegistryTlsIT {
  private static final String PASSWORD = "changeit";

  private HttpsServer server;
  private Path store;

  @BeforeEach
  void serve(@TempDir Path directory) throws Exception {
    store = directory.resolve("registry.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "registry",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context()));
    server.createContext(
        "/",
        exchange -> {
          byte[] body = "{\"schema\":\"\\\"string\\\"\"}".getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  private SSLContext context() throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void aCertificateInTheTruststoreIsTrusted() {
    // given
    Map<String, String> settings =
        Map.of(
            "url",
            url(),
            "ssl.truststore.location",
            store.toString(),
            "ssl.truststore.type",
            "PKCS12",
            "ssl.truststore.password",
            PASSWORD);

    // when / then
    assertThat(new HttpSchemaRegistry(settings).schema(1).getType().getName()).isEqualTo("string");
  }

  @Test
  void anotherIsRefusedAtOnceAndSaysWhatToSet() {
    // when / then
    assertThatThrownBy(() -> new HttpSchemaRegistry(Map.of("url", url())).schema(1))
        .isInstanceOf(RegistryRefusedException.class)
        .hasMessageContaining("not trusted")
        .hasMessageContaining("ssl.truststore");
  }

  private String url() {
    return "https://127.0.0.1:" + server.getAddress().getPort();
  }
}
