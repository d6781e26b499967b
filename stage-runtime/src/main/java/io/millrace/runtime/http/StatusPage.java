package io.millrace.runtime.http;

import io.millrace.runtime.StageStatus;
import io.millrace.runtime.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A page that says how a process is, without scripts; it loads itself again every few seconds. */
final class StatusPage {
  /** A line of Prometheus' text: name, labels and value. Buckets say nothing to the eye. */
  private static final Pattern METRIC =
      Pattern.compile("(millrace_\\w+(?<!_bucket))(?:\\{(.*)})? (\\S+)");

  private static final double LARGEST_COUNT = 1e15;

  private static final String PAGE = page();

  private StatusPage() {}

  private static String page() {
    try (InputStream page = StatusPage.class.getResourceAsStream("status.html")) {
      return new String(Objects.requireNonNull(page).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The page.
   *
   * @param metrics in Prometheus' text format
   */
  static String of(String service, StageStatus status, String metrics) {
    return PAGE.formatted(
        escaped(service),
        status.state().name().toLowerCase(Locale.ROOT),
        escaped(status.detail()),
        metrics
            .lines()
            .map(METRIC::matcher)
            .filter(Matcher::matches)
            .map(StatusPage::row)
            .collect(Collectors.joining("\n")),
        escaped(Version.current()));
  }

  private static String row(Matcher metric) {
    String labels = metric.group(2) == null ? "" : metric.group(2).replace("\",", "\" ");
    return "<tr><td>%s</td><td class=\"labels\">%s</td><td>%s</td></tr>"
        .formatted(metric.group(1), escaped(labels), value(metric.group(3)));
  }

  private static String value(String text) {
    double value = Double.parseDouble(text);
    if (Double.isNaN(value)) {
      return "–";
    }
    return value == Math.rint(value) && Math.abs(value) < LARGEST_COUNT
        ? String.format(Locale.ROOT, "%,d", (long) value)
        : String.format(Locale.ROOT, "%,.3f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
