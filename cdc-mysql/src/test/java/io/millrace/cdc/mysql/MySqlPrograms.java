package io.millrace.cdc.mysql;

import io.millrace.runtime.testing.ServerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * MySQL's server as a program: that of Maven Central, or another one whose base directory stands in
 * the property {@code millrace.mysql}; and the empty data that its servers begin with, made once.
 */
final class MySqlPrograms {
  private static final String ARCHIVE = "/mysql-Linux-amd64.tar.gz";

  private final Path base;
  private final Path data;

  private MySqlPrograms(Path directory) throws IOException {
    String other = System.getProperty("millrace.mysql", "");
    this.base = other.isEmpty() ? unpacked(directory.resolve("server")) : Path.of(other);
    this.data = directory.resolve("data");
    // Small logs are made and copied sooner.
    run(
        directory,
        Stream.concat(
                mysqld(data).stream(),
                Stream.of("--initialize-insecure", "--innodb-log-file-size=4M"))
            .toList());
    // A server's identity: each has its own.
    Files.delete(data.resolve("auto.cnf"));
  }

  static MySqlPrograms get() {
    return Holder.PROGRAMS;
  }

  private static final class Holder {
    private static final MySqlPrograms PROGRAMS = make();

    private static MySqlPrograms make() {
      try {
        return new MySqlPrograms(Files.createTempDirectory("mysql-programs"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Path unpacked(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path archive = directory.resolve("server.tar.gz");
    try (InputStream packed =
        Objects.requireNonNull(MySqlPrograms.class.getResourceAsStream(ARCHIVE))) {
      Files.copy(packed, archive);
    }
    run(directory, List.of("tar", "xzf", archive.toString()));
    return directory;
  }

  /** The command of a server with this data, without what makes it reachable. */
  List<String> mysqld(Path data) {
    Path program =
        Stream.of("bin", "sbin")
            .map(directory -> base.resolve(directory).resolve("mysqld"))
            .filter(Files::exists)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException(base + " has no mysqld"));
    return List.of(
        program.toString(),
        "--no-defaults",
        "--user=" + System.getProperty("user.name"),
        "--basedir=" + base,
        "--secure-file-priv=NULL",
        "--datadir=" + data);
  }

  /** Empty data of a server's own, in a directory. */
  Path newData(Path directory) {
    Path copy = directory.resolve("data");
    run(directory, List.of("cp", "-r", data.toString(), copy.toString()));
    return copy;
  }

  private static void run(Path directory, List<String> command) {
    try (ServerProcess process = ServerProcess.run("setup", directory, command, Map.of())) {
      if (process.awaitExit() != 0) {
        throw new IllegalStateException(
            "%s failed; mysqld needs libaio1 and libnuma1:%n%s"
                .formatted(command, process.logged()));
      }
    }
  }
}
