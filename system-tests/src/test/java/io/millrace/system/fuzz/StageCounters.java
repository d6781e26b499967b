package io.millrace.system.fuzz;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a stage counts, as it tells Prometheus. */
final class StageCounters {
  private static final Pattern IN =
      Pattern.compile("millrace_records_in_total\\{topic=\"([^\"]+)\"[^}]*} (\\S+)");
  private static final Pattern LAG =
      Pattern.compile("millrace_consumer_lag_records\\{[^}]*} (\\S+)");

  private StageCounters() {}

  /** Records that a stage took in, by topic. */
  static Map<String, Long> recordsIn(String address) throws IOException, InterruptedException {
    Map<String, Long> counts = new TreeMap<>();
    Matcher line = IN.matcher(text(address));
    while (line.find()) {
      counts.put(line.group(1), (long) Double.parseDouble(line.group(2)));
    }
    return counts;
  }

  /** Records that a stage has yet to read. */
  static double lag(String address) throws IOException, InterruptedException {
    double lag = 0;
    Matcher line = LAG.matcher(text(address));
    while (line.find()) {
      lag += Double.parseDouble(line.group(1));
    }
    return lag;
  }

  private static String text(String address) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create(address + "/prometheus")).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
