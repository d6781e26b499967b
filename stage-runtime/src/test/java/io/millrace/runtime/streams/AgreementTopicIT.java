package io.millrace.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.Pipelines;
import io.millrace.runtime.TopicAdmin;
import io.millrace.runtime.testing.KafkaBroker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that start at the same time, on a real broker. */
final class AgreementTopicIT {
  private static KafkaBroker broker;

  @BeforeAll
  static void start(@TempDir Path directory) {
    broker = KafkaBroker.start(directory);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static Generations update(String stage, UnaryOperator<Generations> change) {
    PipelineFile pipeline =
        Pipelines.pipeline(broker.bootstrapServers(), "http://localhost:1", 1, "orders");
    try (TopicAdmin admin = new TopicAdmin(pipeline)) {
      return new AgreementTopic<>(pipeline, stage, "views", Generations.class, Generations.NONE)
          .update(admin, change);
    }
  }

  private static Generations plus(Generations before, String view) {
    List<Generation> more = new ArrayList<>(before.all());
    more.add(Generation.of(Map.of(view, "x")));
    return new Generations(more);
  }

  private static UnaryOperator<Generations> declaring(Map<String, String> sql) {
    return before -> before.declaring(new ViewDefinitions(sql));
  }

  @Test
  void keepsEverythingOfAGeneration() {
    // given
    Generations kept =
        update(
            "shop.kept",
            before ->
                new Generations(
                    List.of(
                        Generation.of(Map.of("a", "SELECT 'é'", "b", "y"))
                            .with(new TopologyLayout(List.of("shop.cdc.b", "shop.cdc.a")))
                            .retiring(Map.of("a", "").keySet()))));

    // when / then
    assertThat(update("shop.kept", before -> before)).isEqualTo(kept);
  }

  @Test
  void replicasThatStartTogetherAgree() {
    // given
    update("shop.together", declaring(Map.of("a", "x")));
    List<CompletableFuture<Generations>> replicas = new ArrayList<>();

    // when
    for (int i = 0; i < 3; i++) {
      String view = "v" + i;
      replicas.add(
          CompletableFuture.supplyAsync(
              () -> update("shop.together", before -> plus(before, view)),
              task -> Thread.ofPlatform().start(task)));
    }
    List<Generations> outcomes = replicas.stream().map(CompletableFuture::join).toList();

    // then each found its view where all others find it
    Generations last = update("shop.together", before -> before);
    assertThat(last.all()).hasSize(4);
    assertThat(outcomes)
        .allSatisfy(
            outcome ->
                assertThat(last.all().subList(0, outcome.all().size())).isEqualTo(outcome.all()));
  }

  @Test
  void aRefusalThatRestsOnWhatIsNoLongerSoIsAskedAgain() {
    // given
    AtomicInteger asked = new AtomicInteger();

    // when
    Generations outcome =
        update(
            "shop.overtaken",
            before -> {
              if (asked.getAndIncrement() == 0) {
                update("shop.overtaken", declaring(Map.of("a", "x")));
                throw new IllegalStateException("the topic of 'a' holds rows");
              }
              return declaring(Map.of("a", "x")).apply(before);
            });

    // then
    assertThat(asked).hasValue(2);
    assertThat(outcome.all()).containsExactly(Generation.of(Map.of("a", "x")));
  }

  @Test
  void aRefusalThatHoldsIsOne() {
    assertThatThrownBy(
            () ->
                update(
                    "shop.refused",
                    before -> {
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    assertThat(update("shop.refused", before -> before)).isEqualTo(Generations.NONE);
  }
}
