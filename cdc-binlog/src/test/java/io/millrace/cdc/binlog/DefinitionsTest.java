package io.millrace.cdc.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cdc.TableName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class DefinitionsTest {
  private static final TableName ITEM = new TableName("shop", "item");
  private static final String ID = column("id", "INT", 11, false, "");
  private static final String LABEL = column("label", "VARCHAR", 20, true, "");

  private final Definitions definitions =
      Definitions.of(List.of(ITEM), List.of(bytes("CREATE", "CREATE TABLE item", ID, LABEL)));

  private static byte[] bytes(String type, String ddl, String... columns) {
    return statement("item", type, ddl, columns).getBytes(StandardCharsets.UTF_8);
  }

  private static String statement(String table, String type, String ddl, String... columns) {
    return """
    {"ddl": "%s", "tableChanges": [{"type": "%s", "id": "\\"shop\\".\\"%s\\"",
      "table": {"columns": [%s]}}]}
    """
        .formatted(ddl, type, table, String.join(", ", columns));
  }

  private static String column(
      String name, String type, int length, boolean optional, String more) {
    return """
    {"name": "%s", "typeName": "%s", "length": %d, "optional": %b, "charsetName": %s,
     "hasDefaultValue": true %s}
    """
        .formatted(
            name, type, length, optional, type.equals("VARCHAR") ? "\"utf8mb4\"" : "null", more);
  }

  private boolean alters(String ddl, String... columns) {
    return definitions.apply(statement("item", "ALTER", ddl, columns)).contains(ITEM);
  }

  @Test
  void aNewColumnWithoutValuesAltersNoRow() {
    assertThat(alters("ALTER TABLE item ADD a INT", ID, LABEL, column("a", "INT", 11, true, "")))
        .isFalse();
    assertThat(
            alters(
                "ALTER TABLE item ADD b INT DEFAULT NULL FIRST",
                column("b", "INT", 11, true, ""),
                ID,
                LABEL,
                column("a", "INT", 11, true, "")))
        .isFalse();
    assertThat(alters("ALTER TABLE item DROP a, DROP b, ADD INDEX (label)", ID, LABEL)).isFalse();
  }

  @Test
  void aNewColumnWithValuesAltersRows() {
    String filled = column("a", "INT", 11, true, ", \"defaultValueExpression\": \"7\"");
    String hidden = column("a", "INT", 11, true, "");
    assertThat(alters("ALTER TABLE item ADD a INT DEFAULT 7", ID, LABEL, filled)).isTrue();
    alters("ALTER TABLE item DROP a", ID, LABEL);
    assertThat(alters("ALTER TABLE item ADD a INT", ID, LABEL, hidden))
        .as("the topic's rows have values of the one that was dropped")
        .isTrue();
    String b = column("b", "INT", 11, false, "");
    assertThat(alters("ALTER TABLE item ADD b INT NOT NULL", ID, LABEL, hidden, b)).isTrue();
    String c = column("c", "INT", 11, true, "");
    assertThat(alters("ALTER TABLE item ADD c INT default (1 + 1)", ID, LABEL, hidden, b, c))
        .isTrue();
    String d = column("d", "TIMESTAMP", 0, true, "");
    assertThat(alters("ALTER TABLE item ADD d TIMESTAMP", ID, LABEL, hidden, b, c, d)).isTrue();
  }

  @Test
  void aColumnThatKeepsItsValuesAltersNoRow() {
    assertThat(
            alters(
                "ALTER TABLE item MODIFY id BIGINT, MODIFY label VARCHAR(40)",
                column("id", "BIGINT", 20, false, ""),
                column("label", "VARCHAR", 40, true, "")))
        .isFalse();
    assertThat(
            alters("ALTER TABLE item MODIFY id INT", ID, column("label", "VARCHAR", 40, true, "")))
        .isTrue();
    assertThat(alters("ALTER TABLE item MODIFY label VARCHAR(20)", ID, LABEL)).isTrue();
    assertThat(
            alters(
                "ALTER TABLE item MODIFY label VARCHAR(20) NOT NULL",
                ID,
                column("label", "VARCHAR", 20, false, "")))
        .isTrue();
    assertThat(
            alters(
                "ALTER TABLE item CHANGE label title VARCHAR(20)",
                ID,
                column("title", "VARCHAR", 20, true, "")))
        .isTrue();
  }

  @Test
  void whatIsNoAlterTableOfColumnsAltersRows() {
    assertThat(alters("ALTER TABLE item TRUNCATE PARTITION p1", ID, LABEL)).isTrue();
    assertThat(alters("RENAME TABLE item TO old, new TO item", ID, LABEL)).isTrue();
    assertThat(definitions.apply(statement("item", "CREATE", "CREATE TABLE item", ID, LABEL)))
        .containsExactly(ITEM);
    assertThat(definitions.apply(statement("other", "CREATE", "CREATE TABLE other", ID))).isEmpty();
  }
}
