package io.millrace.system.watch;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics that a service shows, as Prometheus would know them. */
final class Scrape {
  private static final Pattern HELP = Pattern.compile("# HELP (\\S+) (.*)");
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)})? \\S+");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"(?:[^\"\\\\]|\\\\.)*\"");

  /** What makes a summary or a histogram of samples, and says nothing about them. */
  private static final Set<String> PARTS = Set.of("quantile", "le");

  private static final Pattern SUFFIX = Pattern.compile("_(sum|count|bucket)$");

  private final Map<String, Metric> metrics = new TreeMap<>();

  private Scrape() {}

  /**
   * A metric.
   *
   * @param type counter, gauge, summary or histogram
   */
  record Metric(String name, String type, String help, Set<String> labels) {}

  static Scrape of(String address) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return parse(
          client
              .send(
                  HttpRequest.newBuilder(URI.create(address + "/prometheus")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body());
    }
  }

  private static Scrape parse(String text) {
    Scrape scrape = new Scrape();
    Map<String, String> helps = new TreeMap<>();
    text.lines().forEach(line -> scrape.line(line, helps));
    return scrape;
  }

  private void line(String line, Map<String, String> helps) {
    Matcher help = HELP.matcher(line);
    Matcher type = TYPE.matcher(line);
    Matcher sample = SAMPLE.matcher(line);
    if (help.matches()) {
      helps.put(help.group(1), help.group(2));
    } else if (type.matches()) {
      String name = type.group(1);
      metrics.put(
          name, new Metric(name, type.group(2), helps.getOrDefault(name, ""), new TreeSet<>()));
    } else if (sample.matches()) {
      Metric metric = metrics.get(sample.group(1));
      if (metric == null) {
        metric = metrics.get(SUFFIX.matcher(sample.group(1)).replaceFirst(""));
      }
      if (metric != null && sample.group(2) != null) {
        Matcher label = LABEL.matcher(sample.group(2));
        while (label.find()) {
          metric.labels().add(label.group(1));
        }
        metric.labels().removeAll(PARTS);
      }
    }
  }

  Set<String> names() {
    return metrics.keySet();
  }

  /** All of them, by name. */
  Collection<Metric> metrics() {
    return metrics.values();
  }
}
