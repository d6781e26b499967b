package io.millrace.system.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What an alert leads to. That it fires when it should is promtool's to tell (k8s/check). */
final class AlertsTest {
  private static final Path HOME = Path.of(System.getProperty("millrace.home"));
  private static final Path MONITORING = HOME.resolve("k8s/components/monitoring");
  private static final Path RUNBOOKS = Path.of("docs/runbooks");
  private static final Pattern EXPRESSION =
      Pattern.compile("expr: (?:\\|\\n((?:            .*\\n)+)|(.*)\\n)");

  @Test
  void everyAlertSaysWhatIsAtStakeAndLeadsToARunbookThatIsThere() throws IOException {
    // given
    Map<String, String> alerts = alerts();
    assertThat(alerts).hasSizeGreaterThan(10);

    // then
    for (Map.Entry<String, String> alert : alerts.entrySet()) {
      assertThat(alert.getValue())
          .as(alert.getKey())
          .containsPattern("severity: (critical|warning)")
          .contains("summary: ");
      assertThat(HOME.resolve(runbook(alert.getValue())))
          .as("runbook of %s", alert.getKey())
          .content()
          .contains(alert.getKey());
    }
  }

  @Test
  void everyRunbookIsOfAnAlertAndInTheList() throws IOException {
    // given
    Set<String> linked =
        alerts().values().stream().map(AlertsTest::runbook).collect(Collectors.toSet());
    String list = Files.readString(HOME.resolve(RUNBOOKS).resolve("README.md"));

    // when
    List<Path> runbooks;
    try (Stream<Path> files = Files.list(HOME.resolve(RUNBOOKS))) {
      runbooks = files.filter(file -> !file.endsWith("README.md")).sorted().toList();
    }

    // then
    assertThat(runbooks).hasSize(linked.size());
    for (Path runbook : runbooks) {
      assertThat(linked).contains(HOME.relativize(runbook).toString());
      assertThat(list).contains("(" + runbook.getFileName() + ")");
    }
  }

  @Test
  void everyAlertHasAUnitTestOfWhatItFiresOn() throws IOException {
    // given
    List<String> tests =
        Arrays.asList(
            Files.readString(MONITORING.resolve("alerts-test.yaml")).split("alertname: ", -1));

    // then
    assertThat(alerts().keySet())
        .allSatisfy(
            alert ->
                assertThat(tests)
                    .anySatisfy(
                        test -> assertThat(test).startsWith(alert + "\n").contains("exp_labels")));
  }

  @Test
  void alertsNameOnlyMetricsThatThePageHas() throws IOException {
    // given
    Set<String> documented = MetricsPage.of(HOME).allNames();

    // when
    Set<String> named = new TreeSet<>();
    EXPRESSION
        .matcher(Files.readString(MONITORING.resolve("alerts.yaml")))
        .results()
        .map(MatchResult::group)
        .forEach(expression -> named.addAll(Queries.metrics(expression)));

    // then
    assertThat(named).hasSizeGreaterThan(10).isSubsetOf(documented);
  }

  /** The text of each alert, by its name. */
  private static Map<String, String> alerts() throws IOException {
    Map<String, String> alerts = new TreeMap<>();
    String rules = Files.readString(MONITORING.resolve("alerts.yaml"));
    for (String rule : rules.split("- (?=alert:|record:|name:)", -1)) {
      if (rule.startsWith("alert: ")) {
        alerts.put(rule.lines().findFirst().orElseThrow().substring("alert: ".length()), rule);
      }
    }
    return alerts;
  }

  private static String runbook(String alert) {
    return alert
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("runbook_url: "))
        .map(line -> line.substring("runbook_url: ".length()))
        .findFirst()
        .orElse("none");
  }
}
