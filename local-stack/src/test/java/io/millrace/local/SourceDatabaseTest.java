package io.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class SourceDatabaseTest {
  @Test
  void readsUserAndPasswordFromTheUrlFirst() {
    // when
    SourceDatabase database =
        SourceDatabase.of(
            "jdbc:postgresql://db.example:6432/crm?user=reader&password=a%26b",
            Map.of("PGUSER", "other", "PGPASSWORD", "other"));

    // then
    assertThat(database).isEqualTo(new SourceDatabase("db.example", 6432, "crm", "reader", "a&b"));
  }

  @Test
  void fallsBackToTheEnvironmentAndTheDefaultPort() {
    // when
    SourceDatabase database =
        SourceDatabase.of(
            "jdbc:postgresql://localhost/crm", Map.of("PGUSER", "reader", "PGPASSWORD", "secret"));

    // then
    assertThat(database)
        .isEqualTo(new SourceDatabase("localhost", 5432, "crm", "reader", "secret"));
  }

  @Test
  void neverShowsThePassword() {
    // given
    SourceDatabase database = new SourceDatabase("localhost", 5432, "crm", "reader", "secret");

    // then
    assertThat(database.toString()).contains("reader").doesNotContain("secret");
    assertThatThrownBy(
            () -> SourceDatabase.of("postgres://localhost/crm?password=secret", Map.of()))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("jdbc:postgresql://host:port/database")
        .hasMessageNotContaining("secret");
  }
}
