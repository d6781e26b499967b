package io.millrace.system.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.acl.Acls;
import io.millrace.pipeline.PipelineFileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What images and manifests tell the services. That manifests fit the schemas, k8s/check tells. */
final class OverlaysTest {
  private static final Path HOME = Path.of(System.getProperty("millrace.home"));
  private static final Path OVERLAYS = HOME.resolve("k8s/overlays");
  private static final Pattern PROGRAM = Pattern.compile("(\\S+)\\) main=(\\S+) ;;");
  private static final Pattern SETTING = Pattern.compile("name: (MILLRACE_\\w+)");

  @Test
  void everyOverlaysPipelineFileIsValidWithoutAnEnvironment() throws IOException {
    // given
    List<Path> overlays;
    try (Stream<Path> all = Files.list(OVERLAYS)) {
      overlays = all.toList();
    }

    // then
    assertThat(overlays).hasSizeGreaterThan(1);
    for (Path overlay : overlays) {
      var pipeline = PipelineFileReader.read(overlay.resolve("pipeline.yaml"), Map.of());
      assertThat(Files.readString(overlay.resolve("kustomization.yaml")))
          .contains("millrace.io/pipeline: " + pipeline.pipeline() + "}");
    }
  }

  @Test
  void kafkaLetsEachServiceDoWhatItMust() throws IOException {
    // given
    var pipeline = PipelineFileReader.read(OVERLAYS.resolve("production/pipeline.yaml"), Map.of());

    // then
    assertThat(Files.readString(HOME.resolve("k8s/components/kafka/users.yaml")))
        .endsWith(new Acls(pipeline).strimziUsers("millrace"));
  }

  @Test
  void everyImageStartsAProgramOfItsService() throws IOException {
    // given
    Matcher program = PROGRAM.matcher(Files.readString(HOME.resolve("Dockerfile")));

    // then
    Set<String> services = new TreeSet<>();
    while (program.find()) {
      services.add(program.group(1));
      assertThat(HOME.resolve(program.group(1)).resolve("src/main/java"))
          .satisfies(
              sources ->
                  assertThat(sources.resolve(program.group(2).replace('.', '/') + ".java"))
                      .exists());
    }
    assertThat(services)
        .contains("cdc-connector", "enrichment-service", "aggregation-service", "sink-service");
  }

  @Test
  void podsSetOnlyWhatServicesRead() throws IOException {
    // given
    String known = Files.readString(HOME.resolve("stage-runtime/README.md"));

    // when
    Set<String> settings = new TreeSet<>();
    Matcher setting =
        SETTING.matcher(Files.readString(HOME.resolve("k8s/components/pod/pod.yaml")));
    while (setting.find()) {
      settings.add(setting.group(1));
    }

    // then
    assertThat(settings)
        .contains("MILLRACE_PIPELINE_FILE", "MILLRACE_HTTP_HOST")
        .allSatisfy(name -> assertThat(known).contains("`" + name + "`"));
  }
}
