package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Spark in a process of its own: it reads the lake with its own Iceberg runtime and the source with
 * its own JDBC reader, and shares no code with Millrace. Spark needs JDK 17 or 21.
 */
final class IndependentReader {
  private static final List<String> OPENED =
      List.of(
          "java.base/java.lang",
          "java.base/java.lang.invoke",
          "java.base/java.lang.reflect",
          "java.base/java.io",
          "java.base/java.net",
          "java.base/java.nio",
          "java.base/java.util",
          "java.base/java.util.concurrent",
          "java.base/java.util.concurrent.atomic",
          "java.base/sun.nio.ch",
          "java.base/sun.nio.cs",
          "java.base/sun.security.action",
          "java.base/sun.util.calendar");

  private final Path home;
  private final Path directory;

  /**
   * A reader.
   *
   * @param home the project's root
   * @param directory for its files
   */
  IndependentReader(Path home, Path directory) {
    this.home = home;
    this.directory = directory;
  }

  /** What Spark finds, in the order of {@code comparisons}. */
  List<Comparison.Outcome> compare(
      String catalog, Map<String, String> environment, String source, List<Comparison> comparisons)
      throws IOException, InterruptedException {
    Path asked = directory.resolve("comparisons.tsv");
    Path answered = directory.resolve("outcomes.tsv");
    Path log = directory.resolve("spark.log");
    Files.write(asked, comparisons.stream().map(Comparison::line).toList());
    List<String> command = new ArrayList<>();
    command.add(javaHome().resolve("bin/java").toString());
    command.add("-Xmx1500m");
    OPENED.forEach(opened -> command.add("--add-opens=" + opened + "=ALL-UNNAMED"));
    command.addAll(
        List.of(
            "-cp",
            home.resolve("system-tests/independent-reader/target/app") + "/*",
            "io.millrace.independent.CompareLake",
            catalog,
            environment.get("LAKE_CATALOG_TYPE"),
            environment.get("LAKE_CATALOG_URI"),
            environment.get("LAKE_CATALOG_USER"),
            environment.get("LAKE_WAREHOUSE"),
            source,
            asked.toString(),
            answered.toString()));
    Process spark =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(spark.waitFor()).as("Spark's exit status; its log is\n%s", tail(log)).isZero();
    return Files.readAllLines(answered).stream().map(Comparison.Outcome::parse).toList();
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
  }

  /** Maven's own JVM when Spark runs on it, else a JDK 17 or 21 of this machine. */
  private static Path javaHome() throws IOException {
    Path maven = Path.of(System.getProperty("millrace.maven.java.home"));
    List<Path> candidates = new ArrayList<>(List.of(maven));
    Optional.ofNullable(System.getenv("JAVA17_HOME")).map(Path::of).ifPresent(candidates::add);
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(installed)) {
      try (Stream<Path> homes = Files.list(installed)) {
        candidates.addAll(homes.sorted().toList());
      }
    }
    for (Path candidate : candidates) {
      if (runsSpark(candidate)) {
        return candidate;
      }
    }
    throw new IllegalStateException(
        "no JDK 17 or 21 for Spark among " + candidates + "; set JAVA17_HOME");
  }

  private static boolean runsSpark(Path home) throws IOException {
    Path release = home.resolve("release");
    if (!Files.isExecutable(home.resolve("bin/java")) || !Files.exists(release)) {
      return false;
    }
    return Files.readString(release)
        .lines()
        .anyMatch(l -> l.matches("JAVA_VERSION=\"(17|21)\\b.*"));
  }
}
