package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.shop.Shop;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user reads when something is missing or wrong: one clear message, and no stack trace. */
final class MessagesIT {
  private static final Path HOME = Path.of(System.getProperty("millrace.home"));

  @TempDir Path directory;

  /**
   * What the command left.
   *
   * @param errors its standard error
   */
  private record Ended(int status, String errors) {}

  @Test
  void badPipelineFileIsToldWithEveryErrorAtItsPlace() throws Exception {
    // given
    Path file = Shop.writePipelineFile(directory.resolve("pipeline.yaml"));
    Files.writeString(
        file,
        Files.readString(file)
            .replace("connector: postgresql", "connector: oracle")
            .replace("commit_every:", "comit_every:")
            .replace("JOIN products p       ON", "JOIN products p       OM"));

    // when
    Ended ended = up("--pipeline", file.toString());

    // then
    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.errors())
        .contains("pipeline.yaml:", "connector", "comit_every", "commit_every", "postgresql");
    assertThat(ended.errors().lines().filter(line -> line.matches(".*:\\d+:\\d+: .*")))
        .as("one line for each of the three mistakes")
        .hasSize(3);
    assertNoStackTrace(ended);
  }

  @Test
  void missingPipelineFileIsNamed() throws Exception {
    // when
    Ended ended = up("--pipeline", "nowhere.yaml");

    // then
    assertThat(ended.status()).isNotZero();
    assertThat(ended.errors()).contains("nowhere.yaml");
    assertNoStackTrace(ended);
  }

  @Test
  void unreachableDatabaseIsNamed() throws Exception {
    // given
    int nobody = freePort();

    // when
    Ended ended = up("--database", "jdbc:postgresql://127.0.0.1:" + nobody + "/shop?user=postgres");

    // then
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.errors()).contains("127.0.0.1:" + nobody);
    assertNoStackTrace(ended);
  }

  @Test
  void wrongPasswordIsToldWithoutRepeatingIt() throws Exception {
    // given
    try (EmbeddedPostgres database = EmbeddedPostgres.builder().start()) {
      String url = withLogin(database, "LOGIN REPLICATION");

      // when
      Ended ended = up(List.of("--database", url), "PGPASSWORD", "not-the-password");

      // then
      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.errors()).contains("password").doesNotContain("not-the-password");
      assertNoStackTrace(ended);
    }
  }

  @Test
  void missingSettingsAndRightsAreListedWithTheirRemedies() throws Exception {
    // given
    try (EmbeddedPostgres database =
        EmbeddedPostgres.builder().setServerConfig("wal_level", "replica").start()) {
      String url = withLogin(database, "LOGIN NOREPLICATION");
      Shop.createTables(database.getJdbcUrl("postgres", "postgres"));

      // when
      Ended ended = up(List.of("--database", url), "PGPASSWORD", "right");

      // then
      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.errors())
          .contains("wal_level", "ALTER ROLE", "REPLICATION", "GRANT SELECT", "order_lines");
      assertNoStackTrace(ended);
    }
  }

  @Test
  void portInUseIsNamed() throws Exception {
    // given
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // when
      Ended ended = up("--port", "kafka=" + taken.getLocalPort());

      // then
      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.errors()).contains(String.valueOf(taken.getLocalPort()), "kafka");
      assertNoStackTrace(ended);
    }
  }

  private Ended up(String... arguments) throws IOException, InterruptedException {
    return up(List.of(arguments), "PGPASSWORD", "");
  }

  private Ended up(List<String> arguments, String variable, String value)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(HOME.resolve("millrace").toString(), "up"));
    command.addAll(List.of("--work-dir", directory.resolve("work").toString()));
    command.addAll(arguments);
    Path errors = directory.resolve("errors.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(directory.resolve("output.txt").toFile())
            .redirectError(errors.toFile());
    builder.environment().put("MILLRACE_NO_BUILD", "1");
    builder.environment().put(variable, value);
    int status = builder.start().waitFor();
    return new Ended(status, Files.readString(errors));
  }

  /** Lets a user {@code capture} in by password only, with these rights; its URL. */
  private static String withLogin(EmbeddedPostgres database, String rights)
      throws SQLException, IOException {
    try (Connection connection = database.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE ROLE capture PASSWORD 'right' " + rights);
      String file;
      try (ResultSet row = statement.executeQuery("SHOW hba_file")) {
        row.next();
        file = row.getString(1);
      }
      Path access = Path.of(file);
      Files.writeString(
          access, "host all capture 127.0.0.1/32 scram-sha-256\n" + Files.readString(access));
      statement.execute("SELECT pg_reload_conf()");
    }
    return "jdbc:postgresql://127.0.0.1:%d/postgres?user=capture".formatted(database.getPort());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void assertNoStackTrace(Ended ended) {
    assertThat(ended.errors())
        .doesNotContainPattern("(?m)^\\s+at [a-z]")
        .doesNotContain("Caused by");
  }
}
