package io.millrace.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Stream;

/** Directories that runs keep their files in. */
public final class Directories {
  private Directories() {}

  /** Makes a directory that is empty: what is left of an earlier run goes. */
  public static void clear(Path directory) throws IOException {
    delete(directory);
    Files.createDirectories(directory);
  }

  /** Deletes a directory with all that is in it, if it is there. */
  public static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** Copies a file that comes with the benchmarks into a directory. */
  public static Path copyResource(String name, Path directory) throws IOException {
    Path file = directory.resolve(name);
    try (InputStream in = Objects.requireNonNull(Directories.class.getResourceAsStream(name))) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }
}
