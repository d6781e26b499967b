package io.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The schema that editors use says what the reader does. */
class PipelineSchemaTest {
  private static final String TEXT = text();
  private static final Map<?, ?> JSON =
      (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(TEXT);
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(TEXT);

  @TempDir private Path directory;

  private static String text() {
    try (InputStream resource = PipelineFile.class.getResourceAsStream("pipeline.schema.json")) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private PipelineFile read(String yaml) throws IOException {
    return PipelineFileReader.read(
        Files.writeString(directory.resolve("p.yaml"), yaml), Map.of("SET", "7"));
  }

  static List<String> valid() {
    String file = PipelineFileReaderTest.VALID;
    return List.of(
        file,
        file.replace("partitions: 2", "partitions: \"${SET}\""),
        file.replace(
            "topics: {partitions: 2, replication_factor: 1, compaction_lag: 7d}", "topics:"),
        file.replace("compaction_lag: 7d", "compaction_lag: \"${LAG:500ms}\""),
        file.replace(
            "commit_every: 5s", "commit_every: 5s\n  tables: {silver.orders: {format_version: 2}}"),
        file.replace(
            "commit_every: 5s",
            "maintenance: {every: 1h, keep_snapshots: 7d, tag_daily: true, keep_daily_tags: 1d}\n"
                + "  tables: {silver.orders: {maintenance: {enabled: false}}}"),
        withOrders(
            "partition_by: [day(placed_at), bucket( 16, id), \"truncate(4, status)\", status]"),
        withOrders("partition_by: [], sort_by: []"),
        withOrders("sort_by: [status, placed_at desc, id asc, \"${COLUMN:amount}\"]"),
        withOrders("comment: What was bought, owner: sales, column_comments: {id: \"\"}"),
        file.replace("commit_every: 5s", "owner: sales"),
        file.replace(
            "connector: postgresql",
            "connector: postgresql\n  max_slot_lag: 512MB\n  on_max_slot_lag: drop_slot"),
        file.replace("append_only: true", "append_only: false"),
        file.replace("append_only: true", "key: [customer_id, viewed_at]"),
        PipelineFileReaderTest.withBinaryLog(Source.MARIADB),
        PipelineFileReaderTest.withBinaryLog(Source.MYSQL),
        PipelineFileReaderTest.severalSources(),
        file.substring(0, file.indexOf("enrich:")) + file.substring(file.indexOf("lake:")));
  }

  private static String withOrders(String settings) {
    return PipelineFileReaderTest.VALID.replace(
        "commit_every: 5s", "tables: {silver.orders: {" + settings + "}}");
  }

  static List<String> invalid() {
    String file = PipelineFileReaderTest.VALID;
    return List.of(
        file.replace("pipeline: shop", "pipeline: Shop"),
        file.replace("pipeline: shop", ""),
        file.replace("source:", "sources:"),
        file + "sources: {}\n",
        PipelineFileReaderTest.severalSources().replace("  billing:", "  Billing:"),
        file.replace("partitions: 2", "partitions: 0"),
        file.replace("partitions: 2", "partitions: many"),
        file.replace("partitions: 2", "partition: 2"),
        file.replace("compaction_lag: 7d", "compaction_lag: 7 days"),
        file.replace("compaction_lag: 7d", "compaction_lag: 0s"),
        file.replace("connector: postgresql", "connector: oracle"),
        file.replace("connector: postgresql", "connector: postgresql\n  max_slot_lag: 10 GB"),
        file.replace("connector: postgresql", "connector: postgresql\n  max_slot_lag: 0GB"),
        file.replace("connector: postgresql", "connector: postgresql\n  on_max_slot_lag: stop"),
        file.replace("database.dbname: shop", "database.db: shop"),
        file.replace("from: public.orders", "from: orders"),
        file.replace("from: public.orders", "form: public.orders"),
        file.replace("from: public.orders", "from: public.orders, privacy: {status: hash}"),
        file.replace("orders:", "Orders:"),
        file.replace("append_only: true", "append_only: yes"),
        file.replace("append_only: true", "key: view_id"),
        file.replace("append_only: true", "key: []"),
        file.replace("append_only: true", "key: [view_id, view_id]"),
        file.replace("append_only: true", "key: [[view_id]]"),
        file.replace("    sql: |", "    query: |"),
        file.replace("url: \"http", "url: \"ftp"),
        file.replace("type: jdbc, ", ""),
        file.replace("uri: \"jdbc:postgresql:lake\", ", ""),
        withOrders("partition_by: day(placed_at)"),
        withOrders("partition_by: [week(placed_at)]"),
        withOrders("partition_by: [\"bucket(id, 16)\"]"),
        withOrders("partition_by: [bucket(0, id)]"),
        withOrders("partition_by: [day placed_at]"),
        withOrders("sort_by: [placed_at descending]"),
        withOrders("sort_by: [day(placed_at)]"),
        withOrders("comments: {id: x}"),
        withOrders("column_comments: {id: {comment: x}}"),
        file.replace("commit_every: 5s", "maintenance: {every: often}"),
        file.replace("commit_every: 5s", "maintenance: {enable: true}"),
        file.replace("commit_every: 5s", "maintenance: {tag_daily: midnight}"),
        file.replace("commit_every: 5s", "maintenance: {keep_daily_tags: 0d}"),
        file.replace("commit_every: 5s", "commit_every: 5s\n  tables: {lead.orders: {}}"),
        file.replace(
            "commit_every: 5s",
            "commit_every: 5s\n  tables: {silver.orders: {format_version: 1}}"));
  }

  @ParameterizedTest
  @MethodSource("valid")
  void bothAccept(String yaml) throws IOException {
    // when, then
    assertThat(SCHEMA.validate(yaml, InputFormat.YAML)).as(yaml).isEmpty();
    assertThat(read(yaml).tables()).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void bothReject(String yaml) {
    // when, then
    assertThat(SCHEMA.validate(yaml, InputFormat.YAML)).as(yaml).isNotEmpty();
    assertThatThrownBy(() -> read(yaml)).as(yaml).isInstanceOf(PipelineFileException.class);
  }

  @Test
  void knowsTheSameKeys() {
    // when
    Map<String, List<String>> known =
        Map.of(
            "", PipelineFileReader.ROOT,
            "/properties/topics", PipelineFileReader.TOPICS,
            "/definitions/source", PipelineFileReader.SOURCE,
            "/definitions/source/properties/tables/additionalProperties", PipelineFileReader.TABLE,
            "/definitions/views/additionalProperties", PipelineFileReader.VIEW,
            "/properties/lake", PipelineFileReader.LAKE,
            "/properties/lake/properties/tables/additionalProperties", LakeTableReader.KEYS,
            "/definitions/maintenance", PipelineFileReader.MAINTENANCE);

    // then
    known.forEach(
        (place, keys) -> {
          Map<?, ?> object = at(place);
          assertThat(object.get("additionalProperties")).as(place).isEqualTo(false);
          assertThat(mapping(object.get("properties")).keySet().stream().map(Object::toString))
              .as(place)
              .containsExactlyInAnyOrderElementsOf(keys);
        });
  }

  @Test
  void saysTheReadersPatternsAndDescribesEveryProperty() {
    // when
    List<String> undescribed = new ArrayList<>();
    collectUndescribed("", JSON, undescribed);

    // then
    assertThat(at("/definitions/name").get("pattern"))
        .isEqualTo("^" + PipelineFileReader.NAME.pattern() + "$");
    assertThat(undescribed).isEmpty();
  }

  private static Map<?, ?> mapping(@Nullable Object node) {
    return node instanceof Map<?, ?> mapping ? mapping : Map.of();
  }

  /** The object at a JSON pointer. */
  private static Map<?, ?> at(String pointer) {
    Map<?, ?> node = JSON;
    for (String key : pointer.isEmpty() ? new String[0] : pointer.substring(1).split("/", -1)) {
      node = mapping(node.get(key));
    }
    return node;
  }

  private static void collectUndescribed(String place, Map<?, ?> node, List<String> undescribed) {
    if (!place.endsWith("/if")) {
      mapping(node.get("properties"))
          .forEach(
              (name, property) -> {
                if (!mapping(property).containsKey("description")) {
                  undescribed.add(place + "/" + name);
                }
              });
    }
    node.forEach(
        (name, child) -> collectUndescribed(place + "/" + name, mapping(child), undescribed));
  }
}
