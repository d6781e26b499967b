package io.millrace.runtime.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that says what a test expects, and that a person may let the test write anew. */
public final class GoldenFile {
  private static final String ACCEPT = "millrace.accept";

  private final Path file;

  /**
   * A golden file.
   *
   * @param file relative to the module, under {@code src/test/resources}
   */
  public GoldenFile(String file) {
    this.file = Path.of(file);
  }

  /**
   * Fails unless {@code actual} is what the file says; with {@code -Dmillrace.accept} writes it.
   */
  public void assertSame(String actual) {
    try {
      if (System.getProperty(ACCEPT) != null) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, actual);
      }
      assertThat(actual)
          .as(
              "what %s says. If the change is meant (a change of names or operators makes running"
                  + " pipelines build their views again), accept it: mvn test -D%s, and"
                  + " commit the file",
              file, ACCEPT)
          .isEqualTo(Files.exists(file) ? Files.readString(file) : "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
