package io.millrace.local;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Samples of a scrape in Prometheus' text format.
 *
 * @param samples in the order of the text
 */
record PrometheusText(List<Sample> samples) {
  private static final Pattern LINE =
      Pattern.compile("^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})?\\s+(\\S+)(?:\\s+\\d+)?$");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_]\\w*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** One sample. */
  record Sample(String name, Map<String, String> labels, double value) {}

  static PrometheusText parse(String text) {
    return new PrometheusText(
        text.lines()
            .filter(line -> !line.startsWith("#"))
            .map(PrometheusText::sample)
            .flatMap(Optional::stream)
            .toList());
  }

  /** Sum of a metric over its labels; 0 when there is none. */
  double sum(String name) {
    return samples.stream()
        .filter(sample -> sample.name.equals(name) && Double.isFinite(sample.value))
        .mapToDouble(Sample::value)
        .sum();
  }

  /** Values of a metric's quantile by one of its labels, without those that have none yet. */
  Map<String, Double> quantiles(String name, String quantile, String label) {
    Map<String, Double> values = new HashMap<>();
    for (Sample sample : samples) {
      String by = sample.labels.get(label);
      if (by != null
          && sample.name.equals(name)
          && quantile.equals(sample.labels.get("quantile"))
          && sample.value > 0) {
        values.put(by, sample.value);
      }
    }
    return values;
  }

  private static Optional<Sample> sample(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Map<String, String> labels = new HashMap<>();
    if (matcher.group(2) != null) {
      Matcher label = LABEL.matcher(matcher.group(2));
      while (label.find()) {
        labels.put(label.group(1), label.group(2));
      }
    }
    return Optional.of(new Sample(matcher.group(1), labels, value(matcher.group(3))));
  }

  private static double value(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }
}
