package io.millrace.sink.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.pipeline.LakeTable;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.sink.Servers;
import io.millrace.sink.TestLake;
import io.millrace.sink.TestRecords;
import io.millrace.sink.writer.Epochs;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each descriptor lands once, whatever others commit and however the catalog fails. */
@ParameterizedClass(name = "format {0}, {1}")
@CsvSource({"2, LOCAL", "3, LOCAL", "2, REMOTE", "3, REMOTE"})
@ExtendWith(Servers.class)
class TableCommitterIT {
  private static final String TABLE = "silver.orders";

  @Parameter(0)
  private int formatVersion;

  @Parameter(1)
  private TestLake.Place place = TestLake.Place.LOCAL;

  private TestLake lake;
  private TestRecords records;
  private Commits commits;
  private Epochs orders;

  @BeforeEach
  void setUp(Servers.Running servers, @TempDir Path directory) {
    LocalSchemaRegistry registry = new LocalSchemaRegistry();
    lake = new TestLake(servers, registry, directory, place, formatVersion);
    records = new TestRecords(lake.pipeline().topicNames(), registry);
    commits = new Commits(lake.catalog());
    String topic = lake.pipeline().topicNames().changes("orders");
    List<LakeTable> tables =
        lake.pipeline().lakeTables().stream().filter(table -> table.topic().equals(topic)).toList();
    orders = new Epochs(tables, lake.catalog(), registry, 0);
    create(1, "one");
    create(2, "two");
  }

  @AfterEach
  void tearDown() {
    lake.close();
  }

  @Test
  void appliesOnceWhatIsReadTwice() {
    // given
    commits.commit(TABLE);

    // when
    List<?> again = commits.commit(TABLE);

    // then
    assertThat(again).isEmpty();
    assertRows("one", "two");
  }

  @Test
  void letsOnlyOneOfTwoCommittersThrough() {
    // when
    List<?> applied = commits.commit(TABLE, this::overtaken);

    // then
    assertThat(applied).isEmpty();
    assertRows("one", "two");
  }

  /** Iceberg reads the table again after the plan was made, and would apply the plan to it. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void letsOnlyOneThroughWhenTheOtherComesBeforeIcebergReadsTheTableAgain(int reading) {
    // given
    UnaryOperator<TableOperations> zombie =
        operations ->
            new Interposed(operations) {
              private int readings;

              @Override
              public TableMetadata refresh() {
                if (++readings == reading) {
                  commits.commit(TABLE);
                }
                return super.refresh();
              }
            };

    // when
    List<?> applied = commits.commit(TABLE, zombie);

    // then
    assertThat(applied).isEmpty();
    assertRows("one", "two");
  }

  @Test
  void findsItsPlaceAgainWhenAForeignCommitComesBetween() {
    // given
    UnaryOperator<TableOperations> foreign =
        operations ->
            new Interposed(operations) {
              @Override
              void commit(TableMetadata base, TableMetadata metadata, int attempt) {
                if (attempt == 1) {
                  lake.catalog().load(TABLE).updateProperties().set("comment", "hello").commit();
                }
                super.commit(base, metadata, attempt);
              }
            };

    // when
    List<?> applied = commits.commit(TABLE, foreign);

    // then
    assertThat(applied).hasSize(2);
    assertRows("one", "two");
    assertThat(lake.catalog().load(TABLE).properties()).containsEntry("comment", "hello");
  }

  @Test
  void takesACommitThatLandedForLandedWhateverTheCatalogSays() {
    // given
    List<RuntimeException> lies =
        List.of(
            new IllegalStateException("connection reset"),
            new CommitFailedException("the statement was sent twice"));

    for (RuntimeException lie : lies) {
      create(3 + lies.indexOf(lie), String.valueOf(lie.getMessage()));
      UnaryOperator<TableOperations> lying =
          operations ->
              new Interposed(operations) {
                @Override
                void commit(TableMetadata base, TableMetadata metadata, int attempt) {
                  super.commit(base, metadata, attempt);
                  throw lie;
                }
              };

      // when
      commits.commit(TABLE, lying);
    }

    // then
    assertRows("one", "two", "connection reset", "the statement was sent twice");
    assertEveryFileExists();
  }

  @Test
  void commitsAgainWhenAnUnknownCommitDidNotLand() {
    // given
    AtomicInteger refusals = new AtomicInteger(2);
    UnaryOperator<TableOperations> flaky =
        operations ->
            new Interposed(operations) {
              @Override
              void commit(TableMetadata base, TableMetadata metadata, int attempt) {
                if (refusals.getAndDecrement() > 0) {
                  throw new IllegalStateException("connection refused");
                }
                super.commit(base, metadata, attempt);
              }
            };

    // when
    commits.commit(TABLE, flaky);

    // then
    assertRows("one", "two");
    assertEveryFileExists();
  }

  @Test
  void settlesACommitWhenTheCatalogAnswersAgain() {
    // given: the commit lands, then the catalog is away for a while
    UnaryOperator<TableOperations> away =
        operations ->
            new Interposed(operations) {
              private int refusals = 3;

              @Override
              void commit(TableMetadata base, TableMetadata metadata, int attempt) {
                super.commit(base, metadata, attempt);
                throw new IllegalStateException("connection reset");
              }

              @Override
              public TableMetadata refresh() {
                if (commitsSeen() > 0 && refusals-- > 0) {
                  throw new IllegalStateException("connection refused");
                }
                return super.refresh();
              }
            };

    // when
    commits.commit(TABLE, away);

    // then
    assertRows("one", "two");
    assertEveryFileExists();
  }

  @Test
  void keepsItsPlaceWhenForeignCommitsAndExpiryTakeItsSnapshots() {
    // given
    commits.commit(TABLE);
    Table table = lake.catalog().load(TABLE);
    table.newDelete().deleteFromRowFilter(Expressions.equal("id", 1L)).commit();
    table.expireSnapshots().expireOlderThan(Long.MAX_VALUE).retainLast(1).commit();
    assertThat(table.snapshots()).hasSize(1);

    // when
    create(3, "three");
    commits.commit(TABLE);

    // then
    assertRows("two", "three");
  }

  @Test
  void keepsItsPlaceWhenItsPropertyIsGone() {
    // given
    commits.commit(TABLE);
    lake.catalog().load(TABLE).updateProperties().remove(TableProgress.PROPERTY).commit();

    // when
    create(3, "three");
    commits.commit(TABLE);

    // then
    assertRows("one", "two", "three");
  }

  @Test
  void saysItsPlaceInEachSnapshotAndInTheTable() {
    // when
    commits.commit(TABLE);

    // then
    Table table = lake.catalog().load(TABLE);
    TableProgress property =
        TableProgress.parse(table.properties().getOrDefault(TableProgress.PROPERTY, ""));
    assertThat(property.control())
        .isEqualTo(
            new TableProgress.Control(
                Commits.TOPIC_ID, 0, commits.received(TABLE).getLast().offset() + 1));
    assertThat(property.sources())
        .containsEntry(
            lake.pipeline().topicNames().changes("orders") + "-0",
            new TableProgress.SourceProgress(Epochs.TOPIC_ID, orders.offset()));
    assertThat(
            TableProgress.parse(
                String.valueOf(table.currentSnapshot().summary().get(TableProgress.PROPERTY))))
        .isEqualTo(property);
    assertThat(table.currentSnapshot().summary())
        .containsEntry("millrace.pipeline", lake.pipeline().pipeline())
        .containsEntry("engine-name", "millrace")
        .containsKey("engine-version");
  }

  @Test
  void commitsSeveralEpochsAtOnceOrNotAtAll() {
    // given
    take(records.order("u", TestRecords.order(1, "uno", "1.00")));
    commits.send(orders.end());
    take(records.order("u", TestRecords.order(1, "un", "1.00")));
    commits.send(orders.end());
    UnaryOperator<TableOperations> down =
        operations ->
            new Interposed(operations) {
              @Override
              void commit(TableMetadata base, TableMetadata metadata, int attempt) {
                throw new ProtocolViolationException("as of a crash");
              }
            };

    // when
    assertThatThrownBy(() -> commits.commit(TABLE, down)).hasRootCauseMessage("as of a crash");
    assertThat(lake.rows(TABLE)).isEmpty();
    commits.commit(TABLE);

    // then
    assertRows("un", "two");
    assertThat(lake.catalog().load(TABLE).snapshots()).hasSize(formatVersion == 2 ? 3 : 1);
  }

  /** A committer that was taken for dead brings the first epoch when the table has both. */
  @Test
  void doesNotTakeTheTableBackByAnEpochWithoutRows() {
    // given
    commits.commit(TABLE);
    endWithoutRows();
    List<CommitPlan.Received> first = commits.received(TABLE);
    endWithoutRows();

    // when
    List<?> applied = commits.commit(TABLE, this::overtaken, first);

    // then
    assertThat(applied).isEmpty();
    create(3, "three");
    commits.commit(TABLE);
    assertRows("one", "two", "three");
  }

  @Test
  void refusesATableThatWasDroppedAndMadeAgain() {
    // given
    commits.commit(TABLE);
    create(3, "three");
    lake.catalog().load(TABLE).updateProperties().remove(TableProgress.PROPERTY).commit();
    Table table = lake.catalog().load(TABLE);
    table.newDelete().deleteFromRowFilter(Expressions.alwaysTrue()).commit();
    table.expireSnapshots().expireOlderThan(Long.MAX_VALUE).retainLast(1).commit();
    List<CommitPlan.Received> later =
        commits.received(TABLE).subList(2, commits.received(TABLE).size());

    // when, then
    TableOperations operations =
        ((org.apache.iceberg.HasTableOperations) lake.catalog().load(TABLE)).operations();
    TableCommitter committer = new TableCommitter(TABLE, () -> operations, Commits.PATIENCE);
    assertThatThrownBy(() -> committer.apply("x", 0, later))
        .isInstanceOf(ProtocolViolationException.class)
        .hasMessageContaining("up to offset 'the beginning'");
  }

  /** Another committer's commit lands between this one's plan and its commit. */
  private TableOperations overtaken(TableOperations operations) {
    return new Interposed(operations) {
      @Override
      void commit(TableMetadata base, TableMetadata metadata, int attempt) {
        if (attempt == 1) {
          commits.commit(TABLE);
        }
        super.commit(base, metadata, attempt);
      }
    };
  }

  private void create(long id, String status) {
    take(records.order("c", TestRecords.order(id, status, "1.00")));
    commits.send(orders.end());
  }

  private void endWithoutRows() {
    byte[] key = records.order("c", TestRecords.order(9, "", "1.00")).getFirst().key();
    orders.record(key, null);
    commits.send(orders.end());
  }

  private void take(List<TestRecords.Encoded> all) {
    all.forEach(one -> orders.record(one.key(), one.value()));
  }

  private void assertRows(String... statuses) {
    assertThat(lake.rows(TABLE))
        .extracting(row -> row.get("status"))
        .containsExactlyInAnyOrder((Object[]) statuses);
  }

  private void assertEveryFileExists() {
    Table table = lake.catalog().load(TABLE);
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      assertThat(files)
          .isNotEmpty()
          .allSatisfy(file -> assertExists(table, file.file().location()));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    for (CommitPlan.Received one : commits.received(TABLE)) {
      one.descriptor().dataFiles().forEach(file -> assertExists(table, location(file)));
    }
  }

  private static void assertExists(Table table, String location) {
    assertThat(table.io().newInputFile(location).exists()).as(location).isTrue();
  }

  private static String location(String file) {
    return file.replaceAll(".*\"file-path\":\"([^\"]*)\".*", "$1");
  }
}
