package io.millrace.cdc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The part of {@code source.config} that is the same for every kind of database.
 *
 * @param grouping {@code millrace.transaction.grouping.ms}: how long source transactions gather in
 *     one Kafka transaction
 * @param groupedBytes {@code millrace.transaction.grouping.bytes}: or until it has this size
 * @param transactionTimeout {@code millrace.transaction.timeout.ms}: how long the largest source
 *     transaction or the initial snapshot may take; empty: as long as the broker allows
 * @param connector every property that is not ours: Debezium's, as they stand
 */
public record CaptureSettings(
    Duration grouping,
    long groupedBytes,
    Optional<Duration> transactionTimeout,
    Map<String, String> connector) {
  private static final String OURS = "millrace.";
  private static final String GROUPING = "millrace.transaction.grouping.ms";
  private static final String GROUPED_BYTES = "millrace.transaction.grouping.bytes";
  private static final String TIMEOUT = "millrace.transaction.timeout.ms";
  private static final Set<String> KNOWN = Set.of(GROUPING, GROUPED_BYTES, TIMEOUT);

  public CaptureSettings {
    connector = Map.copyOf(connector);
  }

  /**
   * The settings.
   *
   * @param config {@code source.config}
   * @param fixed Debezium's properties that no one may set
   * @param more names of other properties of ours that the source has
   * @throws IllegalArgumentException when a setting cannot be used, saying which and why
   */
  public static CaptureSettings of(
      Map<String, String> config, Set<String> fixed, Set<String> more) {
    Map<String, String> connector = new LinkedHashMap<>();
    List<String> refused = new ArrayList<>();
    config.forEach(
        (key, value) -> {
          if (fixed.contains(key)
              || (key.startsWith(OURS) && !KNOWN.contains(key) && !more.contains(key))) {
            refused.add(key);
          } else if (!key.startsWith(OURS)) {
            connector.put(key, value);
          }
        });
    if (!refused.isEmpty()) {
      throw new IllegalArgumentException(
          "source.config may not set %s: remove it from the pipeline file"
              .formatted(String.join(", ", refused)));
    }
    return new CaptureSettings(
        Duration.ofMillis(number(config, GROUPING).orElse(100L)),
        number(config, GROUPED_BYTES).orElse(16L << 20),
        number(config, TIMEOUT).map(Duration::ofMillis),
        connector);
  }

  /**
   * A whole number above 0; empty when it is not set.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static Optional<Long> number(Map<String, String> config, String key) {
    String text = config.get(key);
    if (text == null) {
      return Optional.empty();
    }
    try {
      long number = Long.parseLong(text.strip());
      if (number > 0) {
        return Optional.of(number);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "source.config %s is '%s': write a whole number above 0".formatted(key, text));
  }
}
