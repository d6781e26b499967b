package io.millrace.pipeline.plan;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.PipelineFile;
import io.millrace.schemas.Row;
import java.nio.file.Path;
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
    PipelineFile file = Shop.file(directory, enrich, aggregate);
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
}
