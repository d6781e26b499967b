package io.millrace.system.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.PipelineFileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docker-compose.yml promises and a reader can check. That it runs, compose/check tells. */
final class ComposeTest {
  private static final Path HOME = Path.of(System.getProperty("millrace.home"));
  private static final Pattern SERVICE =
      Pattern.compile("(?m)^  (\\S+):\\n((?:    .*\\n|  #.*\\n|\\n)+)");
  private static final Pattern IMAGE = Pattern.compile("image: (?:&\\S+ )?(\\S+)");
  private static final Pattern PORT = Pattern.compile("ports: \\[\"(.+)\"]");
  private static final Pattern MOUNT = Pattern.compile("- (?:&\\S+ )?(\\./\\S+?):/");

  @Test
  void everyContainerIsLimitedAndTheLastWordOnItsHealth() throws IOException {
    // given
    Map<String, String> services = services();
    assertThat(services).hasSizeGreaterThan(12).containsKeys("sink-service", "postgres", "shop");

    // then
    services.forEach(
        (name, service) ->
            assertThat(service)
                .as(name)
                .contains("mem_limit: ")
                .containsPattern("<<: \\*(hardened|stage)|cap_drop: \\[ALL]")
                .containsPattern("<<: \\*stage|healthcheck:|entrypoint: .*mkdir"));
  }

  @Test
  void everyImageHasAVersionThatOfTheBuildWhereItHasOne() throws IOException {
    // given
    String pom = Files.readString(HOME.resolve("pom.xml"));

    // when
    List<String> images = all(IMAGE, file());

    // then
    assertThat(images)
        .contains(
            "apache/kafka:" + property(pom, "kafka.version"),
            "apicurio/apicurio-registry:" + property(pom, "apicurio.version"))
        .allSatisfy(
            image ->
                assertThat(image)
                    .matches(
                        "millrace/[a-z-]+:\\$\\{MILLRACE_TAG:-latest}|.+:v?\\d+\\.\\d+.*|\\*.+"));
  }

  @Test
  void nothingListensButOnThisMachine() throws IOException {
    assertThat(all(PORT, file()))
        .hasSizeGreaterThan(5)
        .allSatisfy(port -> assertThat(port).startsWith("127.0.0.1:"));
  }

  @Test
  void whatItMountsIsThere() throws IOException {
    assertThat(all(MOUNT, file()))
        .hasSizeGreaterThan(5)
        .allSatisfy(path -> assertThat(HOME.resolve(path)).exists());
  }

  @Test
  void itsPipelineFileIsValidAndPrometheusKnowsItsName() throws IOException {
    // when
    var pipeline = PipelineFileReader.read(HOME.resolve("compose/pipeline.yaml"), Map.of());

    // then
    assertThat(HOME.resolve("compose/prometheus.yml"))
        .content()
        .contains("target_label: pipeline, replacement: " + pipeline.pipeline());
  }

  private static String file() throws IOException {
    return Files.readString(HOME.resolve("docker-compose.yml"));
  }

  private static Map<String, String> services() throws IOException {
    String text = file();
    String services = text.substring(text.indexOf("\nservices:\n"), text.indexOf("\nvolumes:\n"));
    Map<String, String> all = new TreeMap<>();
    SERVICE
        .matcher(services)
        .results()
        .forEach(service -> all.put(service.group(1), service.group(2)));
    return all;
  }

  private static String property(String pom, String name) {
    return all(Pattern.compile("<" + Pattern.quote(name) + ">(.+)</"), pom).getFirst();
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map((MatchResult found) -> found.group(1)).toList();
  }
}
