package io.millrace.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.Maintenance;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.sink.FaultyLine.Fault;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.maintenance.PendingFiles;
import io.millrace.sink.maintenance.TableMaintenance;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The whole sink into a REST catalog, which tells it the way to an S3 store. */
@ExtendWith(Servers.class)
class RemoteLakeIT {
  private RemoteLake remote;
  private TestLake lake;
  private TestTopics topics;
  private Workload workload;
  private SinkStage sink;

  @BeforeEach
  void setUp(Servers.Running servers, @TempDir Path directory) {
    remote = servers.remoteLake();
    lake = new TestLake(servers, new LocalSchemaRegistry(), directory, TestLake.Place.REMOTE);
    topics = new TestTopics(lake.pipeline(), lake.registry());
    topics.records().register();
    workload = new Workload(topics, 11);
    sink = lake.newStage();
  }

  @AfterEach
  void tearDown() {
    remote.toCatalog().spoil(0);
    remote.toStore().spoil(0);
    sink.close();
    topics.close();
    lake.close();
  }

  @Test
  void losesAndDoublesNothingWhileCatalogAndStoreFail() {
    // given
    sink.start();
    workload.run(100);
    workload.awaitExact(lake);
    Map<Fault, Integer> before = struck();

    // when
    remote.toCatalog().spoil(10);
    remote.toStore().spoil(10);
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              workload.run(100);
              return struck().entrySet().stream()
                      .allMatch(
                          fault -> fault.getValue() > 3 + before.getOrDefault(fault.getKey(), 0))
                  && struck().size() == Fault.values().length;
            });
    remote.toCatalog().spoil(0);
    remote.toStore().spoil(0);

    // then
    workload.awaitExact(lake);
  }

  @Test
  void removesOrphansFromTheStoreAndNothingElse() throws IOException {
    // given
    sink.start();
    workload.run(200);
    workload.awaitExact(lake);
    sink.close();
    LakeTable orders =
        lake.pipeline().lakeTables().stream()
            .filter(table -> table.identifier().equals("silver.orders"))
            .findFirst()
            .orElseThrow();
    Table table = lake.catalog().load(orders);
    String stray = table.location() + "/data/stray.parquet";
    try (OutputStream out = table.io().newOutputFile(stray).create()) {
      out.write(7);
    }
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(1));
    TableMaintenance maintenance =
        new TableMaintenance(
            lake.catalog(), new PendingFiles(lake.pipeline(), lake.registry()), later);

    // when
    maintenance.expire(orders, Maintenance.DEFAULT, Duration.ofHours(1), false);
    var removed = maintenance.removeOrphans(orders, Duration.ofHours(1), false);

    // then
    assertThat(removed.files()).contains(stray);
    assertThat(table.io().newInputFile(stray).exists()).isFalse();
    workload.verify(lake);
  }

  @Test
  void isRefusedWithoutTheSecretOfTheCatalog() {
    // given
    Map<String, String> catalog = new HashMap<>(lake.pipeline().lake().catalog());
    catalog.remove("credential");
    catalog.put("rest.auth.type", "none");

    // when, then
    assertThatThrownBy(
            () ->
                LakeCatalog.open(
                    TestLake.pipeline("p", "127.0.0.1:1", "http://127.0.0.1:1", catalog, Map.of())))
        .isInstanceOf(NotAuthorizedException.class);
  }

  private Map<Fault, Integer> struck() {
    Map<Fault, Integer> both = new HashMap<>(remote.toCatalog().struck());
    remote.toStore().struck().forEach((fault, times) -> both.merge(fault, times, Integer::sum));
    return both;
  }
}
