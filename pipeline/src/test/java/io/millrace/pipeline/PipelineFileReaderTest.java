package io.millrace.pipeline;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.millrace.pipeline.TableLayout.PartitionField;
import io.millrace.pipeline.TableLayout.SortField;
import io.millrace.pipeline.TableLayout.Transform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineFileReaderTest {
  static final String VALID =
      """
      pipeline: shop
      kafka: {bootstrap.servers: "${KAFKA:localhost:9092}", security.protocol: PLAINTEXT}
      registry: {url: "http://localhost:8080/apis/ccompat/v7"}
      topics: {partitions: 2, replication_factor: 1, compaction_lag: 7d}
      source:
        connector: postgresql
        config:
          database.hostname: ${DB_HOST:localhost}
          database.port: 5432
          database.user: millrace
          database.password: "${DB_PASSWORD:}"
          database.dbname: shop
        tables:
          orders: {from: public.orders}
          page_views: {from: public.page_views, append_only: true}
      enrich:
        open_orders:
          sql: |
            SELECT order_id, placed_at
            FROM orders
            WHERE status = 'open'
      aggregate:
        orders_per_status:
          sql: SELECT status, COUNT(*) AS orders FROM orders GROUP BY status
      lake:
        catalog: {type: jdbc, uri: "jdbc:postgresql:lake", warehouse: "file:///lake"}
        commit_every: 5s
      """;

  @TempDir private Path directory;

  private PipelineFile read(String yaml, Map<String, String> environment) throws IOException {
    return PipelineFileReader.read(
        Files.writeString(directory.resolve("p.yaml"), yaml), environment);
  }

  private List<String> errors(String yaml, Map<String, String> environment) {
    PipelineFileException exception =
        catchThrowableOfType(PipelineFileException.class, () -> read(yaml, environment));
    assertThat(exception).as(yaml).isNotNull();
    return exception.errors().stream()
        .map(
            error ->
                "%d:%d: %s; %s"
                    .formatted(
                        error.position().line(),
                        error.position().column(),
                        error.problem(),
                        error.remedy()))
        .toList();
  }

  private List<String> errors(String yaml) {
    return errors(yaml, Map.of());
  }

  @Test
  void readsEverything() throws IOException {
    // when
    PipelineFile file = read(VALID, Map.of("DB_HOST", "db.example", "KAFKA", "broker:9093"));

    // then
    assertThat(file.pipeline()).isEqualTo("shop");
    assertThat(file.kafka())
        .containsExactly(
            Map.entry("bootstrap.servers", "broker:9093"),
            Map.entry("security.protocol", "PLAINTEXT"));
    assertThat(file.topics()).isEqualTo(new TopicSettings(2, (short) 1, Duration.ofDays(7)));
    assertThat(file.source().config())
        .containsEntry("database.hostname", "db.example")
        .containsEntry("database.port", "5432")
        .containsEntry("database.password", "");
    assertThat(file.source().tables().values())
        .containsExactly(
            new SourceTable("orders", "public.orders", false, new FilePosition(14, 5)),
            new SourceTable("page_views", "public.page_views", true, new FilePosition(15, 5)));
    assertThat(file.enrich().get("open_orders"))
        .isEqualTo(
            new View(
                "open_orders",
                "SELECT order_id, placed_at\nFROM orders\nWHERE status = 'open'\n",
                new FilePosition(19, 7),
                6));
    assertThat(file.aggregate().values())
        .extracting(View::position)
        .containsExactly(new FilePosition(24, 10));
    assertThat(file.lake().commitEvery()).isEqualTo(Duration.ofSeconds(5));
    assertThat(file.lakeTables())
        .extracting(LakeTable::identifier)
        .containsExactly(
            "bronze.orders_changes",
            "silver.orders",
            "bronze.page_views_changes",
            "silver.page_views",
            "silver.open_orders",
            "gold.orders_per_status");
  }

  @Test
  void readsHowMuchLogTheSourceMayKeepBack() throws IOException {
    // given
    String yaml =
        VALID.replace(
            "connector: postgresql",
            "connector: postgresql\n  max_slot_lag: 3kB\n  on_max_slot_lag: drop_slot");

    // when, then
    assertThat(read(yaml, Map.of()).source().slotLimit()).isEqualTo(new SlotLimit(3072, true));
    assertThat(read(VALID, Map.of()).source().slotLimit()).isEqualTo(SlotLimit.DEFAULT);
    assertThat(errors(yaml.replace("3kB", "3 kb")))
        .singleElement(STRING)
        .contains("'max_slot_lag' is not a size above zero", "max_slot_lag: 10GB");
    assertThat(errors(yaml.replace("drop_slot", "drop")))
        .singleElement(STRING)
        .contains("'on_max_slot_lag' is neither alarm nor drop_slot");
  }

  @Test
  void hasDefaults() throws IOException {
    // given
    String yaml =
        VALID
            .replace("topics: {partitions: 2, replication_factor: 1, compaction_lag: 7d}\n", "")
            .replace("  commit_every: 5s\n", "");

    // when
    PipelineFile file = read(yaml, Map.of());

    // then
    assertThat(file.topics()).isEqualTo(new TopicSettings(4, (short) 3, Duration.ofDays(7)));
    assertThat(file.streams()).isEmpty();
    assertThat(file.lake().commitEvery()).isEqualTo(Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {Source.MARIADB, Source.MYSQL})
  void readsASourceWithABinaryLog(String connector) throws IOException {
    // when
    PipelineFile file = read(withBinaryLog(connector), Map.of());

    // then
    assertThat(file.source().connector()).isEqualTo(connector);
    assertThat(file.source().config()).doesNotContainKey("database.dbname");
    assertThat(file.source().tables().values())
        .extracting(SourceTable::from)
        .containsExactly("shop.orders", "shop.page_views");
  }

  @Test
  void readsSeveralSourcesEachOfWhichIsCapturedByItself() throws IOException {
    // when
    PipelineFile file = read(severalSources(), Map.of());

    // then
    assertThat(file.sources()).extracting(Source::name).containsExactly("shop", "billing");
    assertThat(file.tables().keySet()).containsExactly("orders", "page_views", "invoices");
    assertThat(file.lakeTables())
        .extracting(LakeTable::identifier)
        .contains("silver.orders", "silver.invoices", "bronze.invoices_changes");
    PipelineFile billing = file.capturing("billing");
    assertThat(billing.source().connector()).isEqualTo("mariadb");
    assertThat(billing.source().reader("shop")).isEqualTo("shop_billing");
    assertThat(billing.tables().keySet()).containsExactly("invoices");
    assertThatThrownBy(() -> file.capturing(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("set MILLRACE_SOURCE to the one to capture: shop, billing");
    assertThatThrownBy(() -> file.capturing("biling"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no source 'biling': it has shop, billing");
  }

  @Test
  void aSingleSourceNeedsNoName() throws IOException {
    // when
    PipelineFile file = read(VALID, Map.of());

    // then
    assertThat(file.capturing("")).isEqualTo(file);
    assertThat(file.source().reader("shop")).isEqualTo("shop");
    assertThatThrownBy(() -> file.capturing("shop"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no source 'shop': it has one without a name");
  }

  @Test
  void reportsWhatIsWrongWithSources() {
    assertThat(errors(VALID + "sources: {billing: {}}\n"))
        .anySatisfy(error -> assertThat(error).contains("has 'source' and 'sources'"));
    assertThat(errors(severalSources().replace("      invoices:", "      orders:")))
        .singleElement(STRING)
        .contains("the name 'orders' is taken in line 15");
    assertThat(errors(severalSources().replace("  billing:", "  My-Billing:")))
        .singleElement(STRING)
        .contains("'My-Billing' is not a name for a source");
  }

  /** The pipeline with its source under a name, and another one. */
  static String severalSources() {
    int source = VALID.indexOf("source:\n") + "source:\n".length();
    int enrich = VALID.indexOf("enrich:");
    return VALID.substring(0, source).replace("source:", "sources:")
        + "  shop:\n"
        + VALID.substring(source, enrich).indent(2)
        + "  billing:\n"
        + "    connector: mariadb\n"
        + "    config: {database.hostname: localhost, database.user: millrace}\n"
        + "    tables:\n"
        + "      invoices: {from: billing.invoices}\n"
        + VALID.substring(enrich);
  }

  static String withBinaryLog(String connector) {
    return VALID
        .replace("connector: postgresql", "connector: " + connector)
        .replace("    database.dbname: shop\n", "")
        .replace("from: public.", "from: shop.");
  }

  @Test
  void reportsAllErrorsTogetherInTheFilesOrder() {
    // given
    String yaml =
        VALID
            .replace("pipeline: shop", "pipeline: My-Shop")
            .replace("partitions: 2", "partitons: 2")
            .replace("connector: postgresql", "connector: oracle")
            .replace("database.dbname: shop", "database.dbname: ${DB_NAME}")
            .replace("from: public.orders}", "from: orders}")
            .replace("placed_at\n", "placed_at,\n")
            .replace("COUNT(*)", "MEDIAN(total)")
            .replace("commit_every: 5s", "commit_every: often");

    // when, then
    assertThat(errors(yaml))
        .containsExactly(
            "1:11: 'pipeline' must be lower-case letters, digits and _, beginning with a letter;"
                + " write for example 'pipeline: shop'",
            "4:10: unknown key 'partitons' in 'topics'; did you mean 'partitions'?",
            "6:14: 'connector' is not supported: postgresql, mariadb, mysql are; write for example"
                + " 'connector: postgresql'",
            "12:22: environment variable DB_NAME is not set; set it, or write a default:"
                + " ${DB_NAME:default}",
            "14:20: 'from' is not a table written as schema.table; write for example 'from:"
                + " public.orders'",
            "20:7: view 'open_orders': syntax error at 'FROM'; correct the SQL here; a name that"
                + " is also a word of SQL goes in double quotes",
            "24:25: view 'orders_per_status': MEDIAN is not supported; compute it when you query"
                + " the lake",
            "27:17: 'commit_every' is not a duration above zero: a number and one of ms, s, m, h,"
                + " d; write for example 'commit_every: 5s'");
  }

  @Test
  void refusesWhatIsNotSupportedYet() {
    // given
    String yaml =
        VALID
            .replace("{from: public.orders}", "{from: public.orders, privacy: {email: hash}}")
            .replace(
                "commit_every: 5s",
                "tables: {silver.order: {}, silver.orders: {format_version: 1, sort: x}}");

    // when, then
    assertThat(errors(yaml))
        .containsExactly(
            "14:35: 'privacy' is not supported yet; remove it, and leave the column out of what the"
                + " database publishes if it must not leave",
            "27:12: the pipeline keeps no lake table 'silver.order'; did you mean 'silver.orders'?",
            "27:62: 'format_version' is not a version of Iceberg's format that is written; write"
                + " for example 'format_version: 3'",
            "27:65: unknown key 'sort' in 'silver.orders'; write one of format_version,"
                + " maintenance, partition_by, sort_by, comment, owner, column_comments");
  }

  @Test
  void maintainsATableAsItSaysAndElseAsTheLakeSays() throws IOException {
    // given
    String yaml =
        VALID.replace(
            "commit_every: 5s",
            "maintenance: {keep_snapshots: 7d, target_file_size: 1GB}\n"
                + "  tables: {silver.orders: {maintenance: {keep_snapshots: 30d, enabled:"
                + " false, tag_daily: true, keep_daily_tags: 90d}}}");

    // when
    Lake lake = read(yaml, Map.of()).lake();

    // then
    assertThat(lake.maintenance())
        .isEqualTo(
            new Maintenance(
                true, Duration.ofMinutes(10), Duration.ofDays(7), Duration.ofDays(3), 1L << 30));
    assertThat(lake.settings("silver.orders").maintenance())
        .isEqualTo(
            new Maintenance(
                false,
                Duration.ofMinutes(10),
                Duration.ofDays(30),
                Duration.ofDays(3),
                1L << 30,
                true,
                Duration.ofDays(90)));
  }

  @Test
  void laysTablesOutAndDescribesThemAsItSays() throws IOException {
    // given
    String yaml =
        VALID.replace(
            "commit_every: 5s",
            """
            owner: data
              tables:
                silver.orders:
                  partition_by: [day(placed_at), bucket(16, id), status]
                  sort_by: [status, placed_at desc]
                  comment: What was bought.
                  column_comments: {status: "open, paid or cancelled"}
                bronze.orders_changes: {partition_by: ["truncate( 3 ,status)"], owner: audit}
                silver.open_orders: {partition_by: []}
            """);

    // when
    Map<String, LakeTable> tables =
        read(yaml, Map.of()).lakeTables().stream()
            .collect(toMap(LakeTable::identifier, table -> table));

    // then
    LakeTable orders = requireNonNull(tables.get("silver.orders"));
    assertThat(orders.layout().partitionBy())
        .containsExactly(
            new PartitionField(Transform.DAY, 0, "placed_at"),
            new PartitionField(Transform.BUCKET, 16, "id"),
            new PartitionField(Transform.IDENTITY, 0, "status"))
        .extracting(PartitionField::toString)
        .containsExactly("day(placed_at)", "bucket(16, id)", "status");
    assertThat(orders.layout().sortBy())
        .containsExactly(new SortField("status", false), new SortField("placed_at", true));
    assertThat(orders.description())
        .isEqualTo(
            new TableDescription(
                "What was bought.", "data", Map.of("status", "open, paid or cancelled")));
    LakeTable changes = requireNonNull(tables.get("bronze.orders_changes"));
    assertThat(changes.layout().partitionBy())
        .containsExactly(new PartitionField(Transform.TRUNCATE, 3, "status"));
    assertThat(changes.description().owner()).isEqualTo("audit");
    assertThat(requireNonNull(tables.get("silver.open_orders")).layout())
        .isEqualTo(new TableLayout(List.of(), null));
    assertThat(requireNonNull(tables.get("silver.page_views")).layout())
        .isEqualTo(TableLayout.USUAL);
    assertThat(requireNonNull(tables.get("silver.page_views")).description())
        .isEqualTo(new TableDescription(null, "data", Map.of()));
  }

  @Test
  void saysWhatIsWrongWithALayout() {
    // given
    String yaml =
        VALID.replace(
            "commit_every: 5s",
            """
            tables:
                silver.orders:
                  partition_by: [week(placed_at), bucket(16, id), day(placed_at), month(placed_at)]
                  sort_by: [status, placed_at up, status desc]
                silver.page_views: {partition_by: status}
            """);

    // when, then
    String partition =
        "an item of 'partition_by' is neither a column nor one of year(c), month(c), day(c),"
            + " hour(c), bucket(n, c), truncate(n, c); write for example 'partition_by:"
            + " [day(placed_at), bucket(16, customer_id)]'";
    assertThat(errors(yaml))
        .containsExactly(
            "29:22: " + partition,
            "29:71: 'partition_by' has this twice, or two times of one column; keep one; the finer"
                + " time tells the coarser",
            "30:25: an item of 'sort_by' is not a column, with asc or desc behind it or nothing;"
                + " write for example 'sort_by: [customer_id, placed_at desc]'",
            "30:39: 'sort_by' has this column twice; keep the first",
            "31:39: 'partition_by' is not a list of texts; write for example 'partition_by:"
                + " [day(placed_at), bucket(16, customer_id)]'");
  }

  @Test
  void refusesToTakeOpenFilesForOrphans() {
    // given
    String yaml = VALID.replace("commit_every: 5s", "maintenance: {remove_orphans_after: 1h}");

    // when, then
    assertThat(errors(yaml))
        .containsExactly(
            "27:39: 'remove_orphans_after' is not an hour longer than 'commit_every': files that"
                + " are being written would go; write for example 'remove_orphans_after: 3d'");
  }

  @Test
  void refusesNamesThatClash() {
    // given
    String yaml =
        VALID
            .replace("open_orders:", "orders:")
            .replace("public.page_views", "public.orders")
            .replace("orders_per_status:", "Orders:")
            .replace("  commit_every: 5s", "  commit_every: 5s\n  commit_every: 6s");

    // when, then
    assertThat(errors(yaml))
        .containsExactly(
            "15:24: 'from' is captured already, as 'orders'; write for example 'from:"
                + " public.page_views'",
            "17:3: the name 'orders' is taken in line 14; give each table and view a name of its"
                + " own",
            "23:3: 'Orders' is not a name for a view; use at most 63 lower-case letters, digits and"
                + " _, beginning with a letter",
            "28:3: 'commit_every' stands twice in 'lake'; remove one of the two");
  }

  @Test
  void neverRepeatsValuesFromTheEnvironment() {
    // given
    String yaml =
        VALID
            .replace("partitions: 2", "partitions: \"${SECRET}\"")
            .replace("commit_every: 5s", "commit_every: ${SECRET}")
            .replace("pipeline: shop", "pipeline: ${SECRET}")
            .replace("from: public.orders", "from: \"${SECRET}\"");

    // when
    List<String> errors = errors(yaml, Map.of("SECRET", "hunter-2"));

    // then
    assertThat(errors).hasSize(4);
    assertThat(String.join("\n", errors)).doesNotContain("hunter");
  }

  @Test
  void namesWhatIsMissing() {
    // when, then
    assertThat(errors("pipeline: shop\nkafka: {}\nlake:\n"))
        .extracting(error -> error.replaceAll("; .*", ""))
        .containsExactly(
            "1:1: the pipeline file has no 'registry'",
            "1:1: the pipeline file has no 'source'",
            "2:1: 'kafka' has no 'bootstrap.servers'",
            "3:1: 'lake' has no 'catalog'");
  }

  @Test
  void wantsOfACatalogWhatItsKindNeeds() throws IOException {
    // given
    String jdbc =
        "catalog: {type: jdbc, uri: \"jdbc:postgresql:lake\", warehouse: \"file:///lake\"}";
    assertThat(VALID).contains(jdbc);

    // when, then
    PipelineFile rest =
        read(VALID.replace(jdbc, "catalog: {type: rest, uri: \"http://lake\"}"), Map.of());
    assertThat(rest.lake().catalog()).containsEntry("uri", "http://lake").hasSize(2);
    assertThat(errors(VALID.replace(jdbc, "catalog: {type: rest, warehouse: lake}")))
        .singleElement()
        .asString()
        .contains("'catalog' has no 'uri'");
    assertThat(errors(VALID.replace(jdbc, "catalog: {type: hive}")))
        .singleElement()
        .asString()
        .contains("'catalog' has no 'warehouse'");
  }

  @Test
  void saysWhereTheYamlIsBroken() {
    // when, then
    assertThat(errors(VALID.replace("\"${KAFKA:localhost:9092}\"", "${KAFKA:localhost:9092}")))
        .singleElement()
        .asString()
        .startsWith("2:29: the file is not YAML: ")
        .endsWith("put quotes around values with references: \"${NAME:default}\"");
    assertThat(errors(""))
        .containsExactly(
            "1:1: the file is empty; write a pipeline, beginning with 'pipeline: name'");
    assertThat(errors("- a\n")).first().asString().contains("must be a mapping");
  }

  @Test
  void saysThatAFileCannotBeRead() throws IOException {
    // given
    Path latin = Files.write(directory.resolve("l"), "é".getBytes(StandardCharsets.ISO_8859_1));

    // when, then
    assertThat(
            catchThrowableOfType(
                PipelineFileException.class,
                () -> PipelineFileReader.read(directory.resolve("none"), Map.of())))
        .hasMessageContaining("does not exist");
    assertThat(
            catchThrowableOfType(
                PipelineFileException.class, () -> PipelineFileReader.read(latin, Map.of())))
        .hasMessageContaining("not UTF-8");
  }

  @Test
  void mapsPlacesInEveryStyleOfScalar() {
    // given
    String block = VALID.replace("WHERE status = 'open'", "WHERE status ==  'open'");
    String indented =
        VALID
            .replace("sql: |\n      SELECT order_id", "sql: |2\n        SELECT ,order_id")
            .replace("      FROM orders", "        FROM orders")
            .replace("      WHERE", "        WHERE");
    String quoted =
        VALID.replace(
            "sql: SELECT status, COUNT(*) AS orders FROM orders GROUP BY status",
            "sql: \"SELECT status, FROM orders GROUP BY status\"");
    String folded = VALID.replace("sql: |", "sql: >");

    // when, then
    assertThat(errors(block)).singleElement().asString().startsWith("21:20: ");
    assertThat(errors(indented)).singleElement().asString().startsWith("19:16: ");
    assertThat(errors(quoted)).singleElement().asString().startsWith("24:26: ");
    assertThat(errors(folded))
        .singleElement()
        .asString()
        .startsWith("18:10: the SQL of 'open_orders' is folded or escaped");
  }

  @Test
  void doesNotSubstituteInSql() {
    // when, then
    assertThat(errors(VALID.replace("'open'", "'${STATUS:open}'")))
        .containsExactly(
            "18:10: the environment is not substituted in SQL; write the value itself: a view means"
                + " the same wherever it runs");
  }

  @Test
  void reportsUnknownRelationsAndCircles() {
    // given
    String yaml =
        VALID
            .replace(
                "enrich:\n",
                """
                enrich:
                  a: {sql: SELECT order_id FROM b}
                  b: {sql: SELECT order_id FROM a}
                  c: {sql: SELECT order_id FROM order}
                """)
            .replace("FROM orders GROUP BY", "FROM orderz GROUP BY");

    // when, then
    assertThat(errors(yaml))
        .containsExactly(
            "18:33: view 'b': it reads itself by way of a, b; break the circle",
            "19:33: view 'c': syntax error at 'order'; correct the SQL here; a name that is"
                + " also a word of SQL goes in double quotes",
            "27:49: view 'orders_per_status': no table or enriched view is called 'orderz'; did you"
                + " mean 'orders'?");
  }
}
