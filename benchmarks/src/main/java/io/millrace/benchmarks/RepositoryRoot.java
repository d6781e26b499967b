package io.millrace.benchmarks;

import java.nio.file.Path;

/** The directory that paths on the command line start from. */
public final class RepositoryRoot {
  /** Set by {@code benchmarks/run}. */
  private static final String PROPERTY = "millrace.home";

  private RepositoryRoot() {}

  /** A path from the repository's root, or as it is when it is absolute. */
  public static Path resolve(Path path) {
    return Path.of(System.getProperty(PROPERTY, "")).toAbsolutePath().resolve(path).normalize();
  }
}
