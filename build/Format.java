import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import com.google.googlejavaformat.java.ImportOrderer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs google-java-format over every Java source of the project: {@code check} lists the files that
 * differ and fails, {@code apply} rewrites them. It stands beside Spotless because google-java-format
 * parses with the compiler of the JVM it runs on: Maven may run on 17, our sources are Java 25.
 */
void main(String[] args) throws Exception {
  boolean apply = args[0].equals("apply");
  Formatter formatter = new Formatter(JavaFormatterOptions.defaultOptions());
  List<Path> different = new ArrayList<>();
  try (var files = Files.walk(Path.of(args[1]))) {
    for (Path file : files.filter(this::isSource).sorted().toList()) {
      String source = Files.readString(file);
      String ordered =
          ImportOrderer.reorderImports(source, JavaFormatterOptions.Style.GOOGLE);
      String formatted = formatter.formatSource(RemoveUnusedImports.removeUnusedImports(ordered));
      if (!formatted.equals(source)) {
        different.add(file);
        if (apply) {
          Files.writeString(file, formatted);
        }
      }
    }
  }
  different.forEach(file -> IO.println((apply ? "formatted " : "not formatted: ") + file));
  if (!apply && !different.isEmpty()) {
    IO.println("Run: mvn -N process-sources -Dformat=apply");
    System.exit(1);
  }
}

boolean isSource(Path file) {
  String path = file.toString();
  return path.endsWith(".java") && path.contains("/src/") && !path.contains("/target/");
}
