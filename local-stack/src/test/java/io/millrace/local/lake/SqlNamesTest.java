package io.millrace.local.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

final class SqlNamesTest {
  @Test
  void findsQualifiedQuotedAndPlainNames() {
    // when
    Set<String> names =
        SqlNames.in(
            "SELECT s.amount FROM silver.sales s JOIN \"Gold\" . \"revenue\" ON 1=1, orders");

    // then
    assertThat(names).contains("silver.sales", "gold.revenue", "orders", "s.amount");
    assertThat(SqlNames.mention(names, "silver", "sales")).isTrue();
    assertThat(SqlNames.mention(names, "gold", "revenue")).isTrue();
    assertThat(SqlNames.mention(names, "silver", "orders")).isTrue();
    assertThat(SqlNames.mention(names, "silver", "amount")).isFalse();
  }

  @Test
  void literalsAndCommentsNameNothing() {
    // when
    Set<String> names =
        SqlNames.in("SELECT 'silver.a ''quoted''' -- silver.b\n FROM t /* silver.c\n */");

    // then
    assertThat(names).containsExactlyInAnyOrder("select", "from", "t");
  }

  @Test
  void columnsOfAQualifiedTableMentionIt() {
    // then
    assertThat(SqlNames.mention(SqlNames.in("SELECT silver.sales.amount"), "silver", "sales"))
        .isTrue();
    assertThat(SqlNames.mention(SqlNames.in("SELECT bronze.sales.amount"), "silver", "sales"))
        .isFalse();
  }
}
