package io.millrace.system.watch;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What PromQL names. */
final class Queries {
  private static final Pattern METRIC =
      Pattern.compile("(?<![:\\w])((?:millrace|jvm|process|kubelet)_\\w+|up)(?![:\\w])");
  private static final Pattern PART = Pattern.compile("_(bucket|count|sum)$");

  private Queries() {}

  /** Metrics in a text, without what a recording rule made (their names have a colon). */
  static Set<String> metrics(String text) {
    Set<String> names = new TreeSet<>();
    Matcher metric = METRIC.matcher(text);
    while (metric.find()) {
      names.add(PART.matcher(metric.group(1)).replaceFirst(""));
    }
    return names;
  }
}
