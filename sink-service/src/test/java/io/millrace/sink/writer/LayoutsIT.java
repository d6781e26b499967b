package io.millrace.sink.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.LakeTableSettings;
import io.millrace.pipeline.TableDescription;
import io.millrace.pipeline.TableLayout;
import io.millrace.pipeline.TableLayout.PartitionField;
import io.millrace.pipeline.TableLayout.SortField;
import io.millrace.pipeline.TableLayout.Transform;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.sink.LayoutCheck;
import io.millrace.sink.Servers;
import io.millrace.sink.TestLake;
import io.millrace.sink.TestRecords;
import io.millrace.sink.commit.Commits;
import io.millrace.sink.lake.IncompatibleTableException;
import io.millrace.sink.lake.TableShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables lie in their files, and show themselves, as the file and the source say. */
@ExtendWith(Servers.class)
class LayoutsIT {
  private static final String ORDERS = "silver.orders";
  private static final String CLICKS = "silver.clicks";

  private final List<TestLake> opened = new ArrayList<>();
  private TestLake lake;

  @BeforeEach
  void setUp(Servers.Running servers, @TempDir Path directory) {
    lake = new TestLake(servers, new LocalSchemaRegistry(), directory, Map.of());
    opened.add(lake);
  }

  @AfterEach
  void tearDown() {
    opened.forEach(TestLake::close);
  }

  /** More partition values than files may be open, and the rows of each come one by one. */
  @Test
  void writesOneFileForEachPartitionValueOfAnEpoch() {
    // given
    TestLake laidOut =
        with(
            CLICKS,
            new TableLayout(
                List.of(new PartitionField(Transform.TRUNCATE, 2, "url")),
                List.of(new SortField("url", true), new SortField("id", false))));
    LocalSchemaRegistry registry = new LocalSchemaRegistry();
    TestRecords records = new TestRecords(laidOut.pipeline().topicNames(), registry);
    Commits commits = new Commits(laidOut.catalog());
    Epochs clicks = new Epochs(tables(laidOut, "clicks"), laidOut.catalog(), registry, 0);

    // when
    for (int i = 0; i < 100; i++) {
      records
          .click("c", i, "/" + i % 10 + "/" + i * 7 % 9)
          .forEach(one -> clicks.record(one.key(), one.value()));
    }
    commits.send(clicks.end());
    commits.commit(CLICKS);

    // then
    assertThat(laidOut.rows(CLICKS)).hasSize(100);
    assertThat(LayoutCheck.of(laidOut.catalog().load(CLICKS))).isEqualTo(Map.of("0/1", 10));
  }

  @Test
  void keepsALayoutThatTheNextFileDoesNotName() {
    // given
    TestLake former = with(ORDERS, by(new PartitionField(Transform.BUCKET, 4, "id")));
    former.catalog().present(shape(former, TestRecords.ORDER));
    TestLake silent = with(ORDERS, TableLayout.USUAL);

    // when
    silent.catalog().present(shape(silent, TestRecords.ORDER));

    // then
    assertThat(partitioning(lake)).containsExactly("id_bucket_4");
  }

  /** Replicas start with a new file one after the other; the older ones go on meanwhile. */
  @Test
  void isLaidOutByTheFileOfTheProcessThatStartedLast() {
    // given
    TestLake former = with(ORDERS, by(new PartitionField(Transform.BUCKET, 4, "id")));
    TestLake next = with(ORDERS, by(new PartitionField(Transform.BUCKET, 8, "id")));
    former.catalog().ensure(shape(former, TestRecords.ORDER));
    next.catalog().ensure(shape(next, TestRecords.ORDER));

    // when
    former.catalog().ensure(shape(former, withNote("status")));

    // then
    assertThat(partitioning(lake)).containsExactly("id_bucket_8");
    assertThat(lake.catalog().load(ORDERS).schema().findField("note")).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "IDENTITY, statsu, did you mean 'status'? (lake.tables.silver.orders in the pipeline file)",
    "DAY, status, silver.orders cannot be partitioned by day(status): Invalid source type string",
  })
  void stopsAtALayoutThatTheColumnsDoNotFit(Transform transform, String column, String said) {
    // given
    TestLake wrong = with(ORDERS, by(new PartitionField(transform, 0, column)));

    // when, then
    assertThatThrownBy(() -> wrong.catalog().ensure(shape(wrong, TestRecords.ORDER)))
        .isInstanceOf(IncompatibleTableException.class)
        .hasMessageContaining(said)
        .hasMessageContaining(column);
  }

  @Test
  void stopsAtACommentOfAColumnThatIsNotThere() {
    // given
    TestLake wrong =
        with(ORDERS, new TableDescription(null, null, Map.of("statsu", "open or paid")));

    // when, then
    assertThatThrownBy(() -> wrong.catalog().ensure(shape(wrong, TestRecords.ORDER)))
        .isInstanceOf(IncompatibleTableException.class)
        .hasMessageContaining("has no column statsu, which column_comments names");
  }

  @Test
  void showsWhatTheSourceAndTheFileSayOfIt() {
    // given
    Schema commented =
        SchemaBuilder.record("orders")
            .namespace("test")
            .doc("What was bought.")
            .fields()
            .name("id")
            .doc("Counted up.")
            .type(Schema.create(Schema.Type.LONG))
            .noDefault()
            .name("status")
            .doc("By hand.")
            .type(TestRecords.ORDER.getField("status").schema())
            .withDefault(null)
            .name("amount")
            .type(TestRecords.DECIMAL)
            .noDefault()
            .endRecord();
    lake.catalog().ensure(shape(lake, TestRecords.ORDER));
    TestLake described =
        with(ORDERS, new TableDescription(null, "sales", Map.of("status", "open or paid")));

    // when
    described.catalog().present(shape(described, commented));
    with(ORDERS, TableLayout.USUAL).catalog().present(shape(lake, TestRecords.ORDER));

    // then
    Table table = lake.catalog().load(ORDERS);
    assertThat(table.properties())
        .containsEntry("comment", "What was bought.")
        .containsEntry("owner", "sales");
    assertThat(table.schema().columns())
        .extracting(Types.NestedField::name, Types.NestedField::doc)
        .contains(tuple("id", "Counted up."), tuple("status", "open or paid"));
  }

  @Test
  void hasItsColumnsInTheOrderOfTheSource() {
    // given
    lake.catalog().present(shape(lake, TestRecords.ORDER));

    // when
    lake.catalog().ensure(shape(lake, withNote("id")));
    List<String> added = columns();
    lake.catalog().ensure(shape(lake, withNote("amount")));
    List<String> written = columns();
    with(ORDERS, TableLayout.USUAL).catalog().present(shape(lake, withNote("amount")));

    // then
    assertThat(added)
        .containsExactly("id", "note", "status", "amount", "_source_ts", "_source_pos");
    assertThat(written).isEqualTo(added);
    assertThat(columns())
        .containsExactly("id", "status", "amount", "note", "_source_ts", "_source_pos");
  }

  private List<String> columns() {
    return lake.catalog().load(ORDERS).schema().columns().stream()
        .map(Types.NestedField::name)
        .toList();
  }

  private static Schema withNote(String after) {
    var fields = SchemaBuilder.record("orders").namespace("test").fields();
    for (Schema.Field field : TestRecords.ORDER.getFields()) {
      fields =
          field.schema().isNullable()
              ? fields.name(field.name()).type(field.schema()).withDefault(null)
              : fields.name(field.name()).type(field.schema()).noDefault();
      fields = field.name().equals(after) ? fields.optionalString("note") : fields;
    }
    return fields.endRecord();
  }

  private static List<String> partitioning(TestLake of) {
    PartitionSpec spec = of.catalog().load(ORDERS).spec();
    return spec.fields().stream().map(field -> field.name()).toList();
  }

  private static TableLayout by(PartitionField field) {
    return new TableLayout(List.of(field), null);
  }

  private TestLake with(String table, TableLayout layout) {
    return with(table, layout, TableDescription.NONE);
  }

  private TestLake with(String table, TableDescription description) {
    return with(table, TableLayout.USUAL, description);
  }

  private TestLake with(String table, TableLayout layout, TableDescription description) {
    TestLake other =
        lake.restarted(Map.of(table, new LakeTableSettings(null, null, layout, description)));
    opened.add(other);
    return other;
  }

  private static TableShape shape(TestLake of, Schema row) {
    return TableShape.of(
        tables(of, "orders").getLast(), TestRecords.ORDER_KEY, ChangeEvent.schema(row));
  }

  private static List<LakeTable> tables(TestLake of, String source) {
    String topic = of.pipeline().topicNames().changes(source);
    return of.pipeline().lakeTables().stream().filter(one -> one.topic().equals(topic)).toList();
  }
}
