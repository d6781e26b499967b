package io.millrace.local;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;

/**
 * Where Millrace is built.
 *
 * @param home the directory of the modules; each has its jars in {@code <module>/target/app}
 * @param java the java program that runs the stack's JVMs: the one this JVM runs from
 */
record Installation(Path home, Path java) {
  /**
   * The installation named by the system property {@code millrace.home}, else the one this class
   * was built in, else the one around the working directory.
   */
  static Installation find() {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String property = System.getProperty("millrace.home");
    if (property != null) {
      return new Installation(Path.of(property).toAbsolutePath().normalize(), java);
    }
    Path home =
        codeLocation()
            .flatMap(Installation::around)
            .or(() -> around(Path.of("").toAbsolutePath()))
            .orElseThrow(
                () ->
                    new StackException(
                        "Millrace's modules were not found; set -Dmillrace.home to its directory"));
    return new Installation(home, java);
  }

  /**
   * Class path of a module's program, its own jar first: the sink's stands in for a resource of
   * Hadoop's.
   *
   * @param module its directory
   */
  String classPath(String module) {
    Path directory = home.resolve(module);
    Path app = existing(directory.resolve("target").resolve("app"));
    StringBuilder path = new StringBuilder();
    String name = String.valueOf(directory.getFileName());
    try (DirectoryStream<Path> own = Files.newDirectoryStream(app, name + "-*.jar")) {
      own.forEach(jar -> path.append(jar).append(File.pathSeparator));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + app, e);
    }
    return path.append(app).append("/*").toString();
  }

  /** Jar that runs the schema registry. */
  Path registryJar() {
    return existing(home.resolve("local-stack/target/registry/quarkus-run.jar"));
  }

  private Path existing(Path path) {
    if (!Files.exists(path)) {
      throw new StackException(
          "%s is missing; build Millrace: mvn -q -DskipTests package (in %s)"
              .formatted(path, home));
    }
    return path;
  }

  private static Optional<Path> around(Path start) {
    for (Path path = start; path != null; path = path.getParent()) {
      if (Files.isRegularFile(path.resolve("local-stack/pom.xml"))
          && Files.isRegularFile(path.resolve("cdc-connector/pom.xml"))) {
        return Optional.of(path);
      }
    }
    return Optional.empty();
  }

  private static Optional<Path> codeLocation() {
    CodeSource source = Installation.class.getProtectionDomain().getCodeSource();
    try {
      return source == null
          ? Optional.empty()
          : Optional.of(Path.of(source.getLocation().toURI()).toAbsolutePath());
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
