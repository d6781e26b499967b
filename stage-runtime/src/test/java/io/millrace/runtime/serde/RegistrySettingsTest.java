package io.millrace.runtime.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class RegistrySettingsTest {
  private static final String URL = "https://registry.example.org/apis/ccompat/v7";

  @Test
  void aUrlIsEnough() {
    // when
    RegistrySettings settings = RegistrySettings.of(Map.of("url", URL + "/"));

    // then
    assertThat(settings.url()).isEqualTo(URL);
    assertThat(settings.authorization()).isEmpty();
    assertThat(settings.tls()).isEmpty();
  }

  @Test
  void wrongSettingsAreRefusedByName() {
    // when / then
    assertThatThrownBy(() -> RegistrySettings.of(Map.of())).hasMessageContaining("registry url ''");
    assertThatThrownBy(() -> RegistrySettings.of(Map.of("url", "registry:8080")))
        .hasMessageContaining("must be like");
    assertThatThrownBy(() -> RegistrySettings.of(Map.of("url", URL, "user", "me")))
        .hasMessageContaining("'user' is unknown");
    assertThatThrownBy(() -> RegistrySettings.of(Map.of("url", URL, "ssl.trust", "me")))
        .hasMessageContaining("'ssl.trust' is unknown");
    assertThatThrownBy(
            () ->
                RegistrySettings.of(
                    Map.of("url", URL, "basic.auth.user.info", "a:b", "bearer.auth.token", "c")))
        .hasMessageContaining("both");
    assertThatThrownBy(
            () ->
                RegistrySettings.of(
                    Map.of("url", URL, "ssl.truststore.location", "/none/trust.jks")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("trust.jks");
  }

  @Test
  void pemCertificatesMakeATlsContext() {
    // given
    Map<String, String> settings =
        Map.of("url", URL, "ssl.endpoint.identification.algorithm", "https");

    // when / then
    assertThat(RegistrySettings.of(settings).tls()).isPresent();
  }
}
