package io.millrace.pipeline.plan;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileException;
import io.millrace.schemas.Row;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewPlannerTest {
  @TempDir private Path directory;
  private Map<String, Relation> tables = Shop.tables();

  @BeforeEach
  void forgetTables() {
    tables = Shop.tables();
  }

  private PipelinePlan plan(Map<String, String> enrich, Map<String, String> aggregate) {
    PipelineFile file = Shop.file(directory, List.copyOf(tables.keySet()), enrich, aggregate);
    return ViewPlanner.plan(file, tables);
  }

  private Relation table(String name) {
    return requireNonNull(tables.get(name));
  }

  private static ViewPlan view(PipelinePlan plan, String name) {
    return requireNonNull(plan.views().get(name));
  }

  @Test
  void plansTheExample() {
    // when
    PipelinePlan plan =
        plan(Map.of("sales", Shop.SALES), Map.of("revenue_per_minute", Shop.REVENUE));

    // then
    ViewPlan sales = view(plan, "sales");
    assertThat(sales.output().row().getFields())
        .extracting(Schema.Field::name)
        .containsExactly(
            "order_id",
            "line_no",
            "placed_at",
            "country",
            "category",
            "amount",
            "_source_ts",
            "_source_pos");
    assertThat(sales.root().row()).isSameAs(sales.output().row());
    assertThat(sales.output().key().getFields())
        .extracting(Schema.Field::name)
        .containsExactly("order_id", "line_no");
    assertThat(sales.output().row().getField("amount").schema()).isEqualTo(Shop.decimal(22, 2));

    ViewPlan revenue = view(plan, "revenue_per_minute");
    assertThat(revenue.root()).isInstanceOf(ViewNode.Aggregate.class);
    assertThat(revenue.root().row()).isSameAs(revenue.output().row());
    assertThat(revenue.output().row().getProp("millrace.window")).isEqualTo("window_start");
    assertThat(revenue.output().key().getFields())
        .extracting(Schema.Field::name)
        .containsExactly("window_start", "window_end", "country");
    assertThat(revenue.output().row().getField("revenue").schema()).isEqualTo(Shop.decimal(38, 2));
  }

  @Test
  void computesTheExample() {
    // given
    PipelinePlan plan =
        plan(Map.of("sales", Shop.SALES), Map.of("revenue_per_minute", Shop.REVENUE));
    Map<String, List<Row>> rows =
        Map.of(
            "customers", List.of(Shop.row(table("customers"), 7L, "NP", null)),
            "products", List.of(Shop.row(table("products"), "p", null, "toys")),
            "orders",
                List.of(
                    Shop.row(table("orders"), "o1", 7L, 61_000_001L, "paid"),
                    Shop.row(table("orders"), "o2", null, -1L, "paid"),
                    Shop.row(table("orders"), "o3", 7L, 0L, "cancelled")),
            "order_lines",
                List.of(
                    Shop.row(table("order_lines"), "o1", 1, "p", 2, Shop.money("1.25")),
                    Shop.row(table("order_lines"), "o1", 2, "p", 1, Shop.money("0.50")),
                    Shop.row(table("order_lines"), "o2", 1, "p", 3, Shop.money("2.00")),
                    Shop.row(table("order_lines"), "o3", 1, "p", 3, Shop.money("2.00"))));

    // when
    Map<String, List<Row>> views = ViewInterpreter.run(plan, rows);

    // then
    assertThat(views.get("sales"))
        .extracting(
            row -> Arrays.asList(row.values()).subList(0, 2) + " " + row.get(3) + " " + row.get(5))
        .containsExactlyInAnyOrder("[o1, 1] NP 2.50", "[o1, 2] NP 0.50", "[o2, 1] null 6.00");
    assertThat(views.get("revenue_per_minute"))
        .extracting(
            row ->
                row.get(0)
                    + " "
                    + row.get(1)
                    + " "
                    + row.get(2)
                    + " "
                    + row.get(3)
                    + " "
                    + row.get(4))
        .containsExactlyInAnyOrder("60000000 120000000 NP 3.00 2", "-60000000 0 null 6.00 1");
  }

  @Test
  void plansViewsAfterThoseThatTheyRead() {
    // when
    PipelinePlan plan =
        plan(
            Map.of(
                "a", "SELECT order_id, s FROM b WHERE s = 'x'",
                "b", "SELECT order_id, status AS s, placed_at FROM c",
                "c", "SELECT * FROM orders"),
            Map.of("z", "SELECT s, COUNT(*) AS n FROM a GROUP BY s"));

    // then
    assertThat(plan.views().keySet()).containsExactly("c", "b", "a", "z");
    assertThat(view(plan, "c").output().row().getFields()).hasSize(4 + 2);
  }

  @Test
  void readsOnlyTheColumnsNeededAndFiltersBelowTheJoin() {
    // when
    PipelinePlan plan = plan(Map.of("sales", Shop.SALES), Map.of());

    // then
    List<String> scans = new ArrayList<>();
    collectScans(view(plan, "sales").root(), "", scans);
    assertThat(scans)
        .containsExactly(
            "order_lines[order_id, line_no, product_id, quantity, unit_price]",
            "products[category]",
            "filtered orders[customer_id, placed_at, status]",
            "customers[country]");
  }

  @Test
  void joinsWhatAnotherNamesToIt() {
    // when
    PipelinePlan plan =
        plan(
            Map.of(
                "sales", Shop.SALES,
                "inner_of_outer",
                    "SELECT l.order_id, l.line_no, c.country FROM order_lines l LEFT JOIN orders o"
                        + " ON l.order_id = o.order_id JOIN customers c ON o.customer_id ="
                        + " c.customer_id",
                "computed",
                    "SELECT l.order_id, l.line_no, c.country FROM order_lines l LEFT JOIN orders o"
                        + " ON l.order_id = o.order_id LEFT JOIN customers c ON"
                        + " COALESCE(o.customer_id, 1) = c.customer_id",
                "as_written",
                    "SELECT l.order_id, l.line_no, p.category FROM order_lines l JOIN orders o"
                        + " ON l.order_id = o.order_id JOIN products p ON l.product_id ="
                        + " p.product_id"),
            Map.of());

    // then
    assertThat(joins(view(plan, "sales").root()))
        .isEqualTo("((order_lines, products), (orders, customers))");
    assertThat(joins(view(plan, "inner_of_outer").root()))
        .isEqualTo("((order_lines, orders), customers)");
    assertThat(joins(view(plan, "computed").root()))
        .isEqualTo("((order_lines, orders), customers)");
    assertThat(joins(view(plan, "as_written").root()))
        .isEqualTo("((order_lines, orders), products)");
  }

  private static String joins(ViewNode node) {
    return switch (node) {
      case ViewNode.Scan scan -> scan.relation().name();
      case ViewNode.Filter filter -> joins(filter.input());
      case ViewNode.Project project -> joins(project.input());
      case ViewNode.Aggregate aggregate -> joins(aggregate.input());
      case ViewNode.ForeignKeyJoin join ->
          "(" + joins(join.left()) + ", " + joins(join.right()) + ")";
    };
  }

  /** The relations and columns read; a join needs no key columns of its right side. */
  private static void collectScans(ViewNode node, String prefix, List<String> scans) {
    switch (node) {
      case ViewNode.Scan scan ->
          scans.add(
              prefix
                  + scan.relation().name()
                  + scan.row().getFields().stream()
                      .map(Schema.Field::name)
                      .filter(name -> !name.startsWith("_source"))
                      .toList());
      case ViewNode.Filter filter -> collectScans(filter.input(), "filtered ", scans);
      case ViewNode.Project project -> collectScans(project.input(), "", scans);
      case ViewNode.Aggregate aggregate -> collectScans(aggregate.input(), "", scans);
      case ViewNode.ForeignKeyJoin join -> {
        collectScans(join.left(), "", scans);
        collectScans(join.right(), "", scans);
      }
    }
  }

  @Test
  void keepsGroupColumnsUnderAProjectionAndAFilter() {
    // when
    PipelinePlan plan =
        plan(
            Map.of(),
            Map.of(
                "v",
                "SELECT SUM(customer_id) + COUNT(*) AS x, status AS s FROM orders GROUP BY status"
                    + " HAVING COUNT(*) > 1"));

    // then
    ViewNode.Project project = (ViewNode.Project) view(plan, "v").root();
    ViewNode.Filter having = (ViewNode.Filter) project.input();
    ViewNode.Aggregate aggregate = (ViewNode.Aggregate) having.input();
    assertThat(aggregate.key().getFields()).extracting(Schema.Field::name).containsExactly("s");
    assertThat(aggregate.key()).isEqualTo(view(plan, "v").output().key());
    assertThat(aggregate.row().getFields())
        .extracting(Schema.Field::name)
        .containsExactly("s", "aggregate_1", "aggregate_2", "_source_ts", "_source_pos");
    assertThat(view(plan, "v").output().row().getProp("millrace.window")).isNull();
  }

  @Test
  void passesBytesThroughAsTheyAre() {
    // given
    Shop.add(
        tables,
        "page_views",
        1,
        Shop.columns("view_id", Schema.create(Schema.Type.LONG), "body", BYTES, "tags", jsonb()));
    PipelinePlan plan = plan(Map.of("v", "SELECT body, tags, view_id FROM page_views"), Map.of());
    ByteBuffer body = ByteBuffer.wrap(new byte[] {0, -1});
    Row row = Shop.row(table("page_views"), 1L, body, "{}");

    // when
    Row result =
        new ViewInterpreter(Map.of("page_views", List.of(row)))
            .rows(view(plan, "v").root())
            .getFirst();

    // then
    assertThat(result.get(0)).isSameAs(body);
    assertThat(view(plan, "v").output().row().getField("tags").schema()).isEqualTo(jsonb());
  }

  @Test
  void groupsRowsOfATableWithoutAKey() {
    // given
    addClicks();
    PipelinePlan plan =
        plan(Map.of(), Map.of("v", "SELECT url, COUNT(*) AS clicks FROM clicks GROUP BY url"));
    Row row = Shop.row(table("clicks"), "/", null);

    // when
    List<Row> result =
        new ViewInterpreter(Map.of("clicks", List.of(row, row))).rows(view(plan, "v").root());

    // then
    assertThat(result).singleElement().satisfies(group -> assertThat(group.get(1)).isEqualTo(2L));
    assertThat(view(plan, "v").output().key().getFields())
        .extracting(Schema.Field::name)
        .containsExactly("url");
  }

  @Test
  void refusesViewsThatHaveToTellRowsWithoutAKeyApart() {
    // given
    addClicks();
    Map<String, String> enrich =
        Map.of(
            "alone", "SELECT url FROM clicks",
            "joined", "SELECT o.order_id, c.url FROM orders o JOIN clicks c ON c.url = o.order_id");

    // when, then
    assertThatThrownBy(() -> plan(enrich, Map.of()))
        .hasMessageContaining(
            "table 'clicks' has no key, so nothing tells the view's rows apart; group them, or name"
                + " columns that do: source.tables.clicks.key")
        .hasMessageContaining("the join does not say which row of 'clicks' it means");
  }

  private void addClicks() {
    Schema text = Schema.create(Schema.Type.STRING);
    Shop.add(tables, "clicks", 0, Shop.columns("url", text, "referrer", Shop.nullable(text)));
  }

  private static final Schema BYTES = Schema.create(Schema.Type.BYTES);

  private static Schema jsonb() {
    Schema jsonb = Schema.create(Schema.Type.STRING);
    jsonb.addProp("millrace.type", "jsonb");
    return jsonb;
  }

  @Test
  void refusesViewsThatReadAggregates() {
    // given
    Map<String, String> aggregate =
        Map.of("counts", "SELECT status, COUNT(*) AS n FROM orders GROUP BY status");

    // when, then
    assertThatThrownBy(() -> plan(Map.of("v", "SELECT status, n FROM counts"), aggregate))
        .isInstanceOf(PipelineFileException.class)
        .hasMessageContaining("18:29: view 'v': 'counts' is an aggregate view");
  }

  @Test
  void needsTheSchemaOfEveryTable() {
    // given
    PipelineFile file = Shop.file(directory, Map.of(), Map.of());

    // when, then
    assertThatThrownBy(() -> ViewPlanner.plan(file, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("customers");
  }
}
