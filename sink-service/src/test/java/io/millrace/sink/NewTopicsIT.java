package io.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import io.millrace.runtime.StageContext;
import io.millrace.runtime.StageStatus.State;
import io.millrace.runtime.TopicAdmin;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table and an aggregate come to the file of a sink that has run. By name their topics stand
 * before those that it reads.
 */
@ExtendWith(Servers.class)
class NewTopicsIT {
  private final List<SinkStage> stages = new ArrayList<>();
  private TestLake lake;
  private TestTopics topics;
  private Path directory;

  @BeforeEach
  void setUp(Servers.Running running, @TempDir Path directory) {
    this.directory = directory;
    lake = new TestLake(running, new LocalSchemaRegistry(), "http://127.0.0.1:1", directory);
    topics = new TestTopics(lake.pipeline(), lake.registry());
    topics.records().register();
    try (TopicAdmin admin = new TopicAdmin(lake.pipeline())) {
      lake.pipeline().lakeTables().forEach(table -> admin.ensureCompacted(table.topic()));
    }
  }

  @AfterEach
  void tearDown() {
    stages.forEach(SinkStage::close);
    topics.close();
    lake.close();
  }

  @Test
  void areReadFromTheirStartWhileTheOthersGoOn() {
    // given a sink that knows of neither
    SinkStage old = start("old", firstFile());
    send(1);
    awaitRows("silver.orders", 1);
    awaitRows("silver.sales", 1);

    // when a replica with the later file joins, and is ready before the first one leaves
    SinkStage later = start("later", lake.pipeline());
    await().atMost(Duration.ofMinutes(3)).until(() -> later.status().state() == State.SERVING);
    send(2);
    awaitRows("silver.orders", 2);
    awaitRows("silver.sales", 2);
    old.close();
    send(3);

    // then
    Topics names = lake.pipeline().topicNames();
    assertThat(later.topology())
        .as("topics that came later are numbered last")
        .containsSubsequence(
            "read-" + names.changes("orders"),
            "read-" + names.view("sales"),
            "read-" + names.aggregate("revenue"));
    assertThat(later.topology().indexOf("read-" + names.changes("clicks")))
        .isGreaterThan(later.topology().indexOf("read-" + names.view("sales")));
    awaitRows("bronze.orders_changes", 3);
    awaitRows("silver.orders", 3);
    awaitRows("silver.sales", 3);
    awaitRows("bronze.clicks_changes", 3);
    awaitRows("silver.clicks", 3);
    awaitRows("gold.revenue", 3);
    assertThat(lake.fatal()).isEmpty();
  }

  /** With orders and sales only. */
  private PipelineFile firstFile() {
    PipelineFile whole = lake.pipeline();
    Source source =
        new Source(
            whole.source().connector(),
            whole.source().config(),
            Map.of("orders", Objects.requireNonNull(whole.source().tables().get("orders"))));
    return new PipelineFile(
        whole.path(),
        whole.pipeline(),
        whole.kafka(),
        whole.registry(),
        whole.topics(),
        whole.streams(),
        source,
        whole.enrich(),
        Map.of(),
        whole.lake());
  }

  private SinkStage start(String name, PipelineFile file) {
    StageContext context = lake.context(directory.resolve(name));
    SinkStage stage =
        new SinkStage(
            new StageContext(
                context.stage(),
                file,
                context.stateDirectory(),
                context.registry(),
                context.meters(),
                context.fatal()));
    stages.add(stage);
    stage.start();
    return stage;
  }

  private void send(int id) {
    topics.send(topics.records().order("c", TestRecords.order(id, "open", "1.00")));
    topics.send(topics.records().click("c", id, "/a"));
    topics.send(topics.records().sale(id, "NP"));
    topics.send(topics.records().revenue(id * 86_400_000_000L, "NP", "1.00"));
    topics.flush();
  }

  private void awaitRows(String table, int count) {
    await()
        .atMost(Duration.ofMinutes(3))
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(lake.rows(table)).hasSize(count));
  }
}
