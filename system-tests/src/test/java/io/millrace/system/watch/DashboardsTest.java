package io.millrace.system.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What dashboards ask for. That Prometheus can parse it is promtool's to tell (k8s/check). */
final class DashboardsTest {
  private static final Path HOME = Path.of(System.getProperty("millrace.home"));
  private static final Path MONITORING = HOME.resolve("k8s/components/monitoring");
  private static final Pattern QUERY = Pattern.compile("\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"");

  @Test
  void everyQueryNamesMetricsThatThePageHasAndThePipeline() throws IOException {
    // given
    Set<String> documented = MetricsPage.of(HOME).allNames();

    // when
    Set<String> named = new TreeSet<>();
    for (Path dashboard : dashboards()) {
      Matcher query = QUERY.matcher(Files.readString(dashboard));
      while (query.find()) {
        Set<String> metrics = Queries.metrics(query.group(1));
        assertThat(metrics).as(query.group(1)).isNotEmpty();
        assertThat(query.group(1)).contains("pipeline=\\\"$pipeline\\\"");
        named.addAll(metrics);
      }
    }

    // then
    assertThat(named).hasSizeGreaterThan(20).isSubsetOf(documented);
  }

  @Test
  void everyDashboardIsHandedToGrafana() throws IOException {
    // given
    String component = Files.readString(MONITORING.resolve("kustomization.yaml"));

    // then
    assertThat(dashboards())
        .hasSizeGreaterThan(4)
        .allSatisfy(
            dashboard ->
                assertThat(component).contains("- dashboards/" + dashboard.getFileName() + "\n"));
  }

  private static List<Path> dashboards() throws IOException {
    try (Stream<Path> all = Files.list(MONITORING.resolve("dashboards"))) {
      return all.sorted().toList();
    }
  }
}
