package io.millrace.system.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code docs/metrics.md}: of each service a table of its metrics, which is what the service shows.
 */
public final class MetricsPage {
  private static final String OURS = "millrace_";
  private static final String ACCEPT = "millrace.accept";
  private static final Pattern NAME = Pattern.compile("\\| `([a-z_]+)` \\|.*");
  private static final Pattern FULL_STOP = Pattern.compile("\\.$");
  private static final Map<String, String> UNITS = units();

  /** Of which every service shows all. */
  private static final String JVM = "JVM and process";

  private final Path file;
  private final List<String> lines;

  private MetricsPage(Path file, List<String> lines) {
    this.file = file;
    this.lines = lines;
  }

  /** The page of a checkout. */
  public static MetricsPage of(Path home) throws IOException {
    Path file = home.resolve("docs/metrics.md");
    return new MetricsPage(file, new ArrayList<>(Files.readAllLines(file)));
  }

  /** The same, by the name of its section. */
  Map<String, Set<String>> names() {
    Map<String, Set<String>> names = new TreeMap<>();
    String section = "";
    for (String line : lines) {
      Matcher row = NAME.matcher(line);
      if (line.startsWith("## ")) {
        section = line.substring(3);
      } else if (row.matches()) {
        names.computeIfAbsent(section, any -> new TreeSet<>()).add(row.group(1));
      }
    }
    return names;
  }

  /** Every metric that it tells of. */
  Set<String> allNames() {
    Set<String> all = new TreeSet<>();
    names().values().forEach(all::addAll);
    return all;
  }

  /**
   * Fails unless every metric that a service shows stands on the page as the service shows it; with
   * {@code -Dmillrace.accept} writes it there. What the page has more is for {@link
   * MetricsPageTest}: some metrics come with their first failure only.
   *
   * @param addresses where each service answers, by its name, which is its section's
   */
  public void assertTellsOf(Map<String, String> addresses)
      throws IOException, InterruptedException {
    for (Map.Entry<String, String> service : addresses.entrySet()) {
      Scrape scrape = Scrape.of(service.getValue());
      assertThat(scrape.names())
          .as("metrics of %s that every service shows, says %s", service.getKey(), file)
          .containsAll(names().getOrDefault(JVM, Set.of()));
      scrape.metrics().stream()
          .filter(metric -> metric.name().startsWith(OURS))
          .forEach(metric -> put(service.getKey(), metric.name(), row(metric)));
    }
    if (System.getProperty(ACCEPT) != null) {
      Files.write(file, lines);
    }
    assertThat(String.join("\n", Files.readAllLines(file)))
        .as("what the services show is in %s; if it is meant, run with -D%s", file, ACCEPT)
        .isEqualTo(String.join("\n", lines));
  }

  /** Puts a row into a section's table, which is sorted, in the place of the metric's own. */
  private void put(String section, String name, String row) {
    int heading = lines.indexOf("## " + section);
    assertThat(heading).as("section '%s' of %s", section, file).isNotNegative();
    int at = heading;
    while (!lines.get(at).startsWith("|")) {
      at++;
    }
    at += 2;
    while (at < lines.size() && lines.get(at).startsWith("|") && name(at).compareTo(name) < 0) {
      at++;
    }
    if (at < lines.size() && name(at).equals(name)) {
      lines.set(at, row);
    } else {
      lines.add(at, row);
    }
  }

  private String name(int line) {
    Matcher row = NAME.matcher(lines.get(line));
    return row.matches() ? row.group(1) : "";
  }

  private static String row(Scrape.Metric metric) {
    return "| `%s` | %s | %s | %s | %s |"
        .formatted(
            metric.name(),
            metric.type(),
            String.join(", ", metric.labels()),
            unit(metric.name()),
            FULL_STOP.matcher(metric.help()).replaceFirst(""));
  }

  private static String unit(String name) {
    return UNITS.entrySet().stream()
        .filter(unit -> name.contains(unit.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("0 or 1");
  }

  /** By what is in a metric's name; the first counts. */
  private static Map<String, String> units() {
    Map<String, String> units = new LinkedHashMap<>();
    Stream.of(
            "seconds",
            "bytes",
            "records",
            "rows",
            "files",
            "transactions",
            "changes",
            "snapshots",
            "commits")
        .forEach(unit -> units.put(unit, unit));
    units.put("letters", "records");
    units.put("orphans", "files");
    return units;
  }
}
