package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.schemas.ChangeEvent;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TableSchemasTest {
  private static final ColumnType INT = ColumnType.of(ColumnType.Kind.INT);
  private static final ColumnType TEXT = ColumnType.of(ColumnType.Kind.STRING);
  private static final Column ID = new Column("id", INT, false);
  private static final Column LABEL = new Column("label", TEXT, false);

  private static TableSchemas schemas(@Nullable Schema registered, Column... columns) {
    return TableSchemas.of(
        "io.millrace.shop",
        "item",
        List.of("id"),
        List.of(columns),
        Comments.NONE,
        registered,
        Map.of());
  }

  @Test
  void rowsAndKeysAreNamedAfterTheTable() {
    // when
    TableSchemas schemas = schemas(null, ID, new Column("label", TEXT, true));

    // then
    assertThat(schemas.key())
        .hasToString(
            "{\"type\":\"record\",\"name\":\"item_key\",\"namespace\":\"io.millrace.shop\","
                + "\"fields\":[{\"name\":\"id\",\"type\":\"int\"}]}");
    assertThat(ChangeEvent.row(schemas.envelope()))
        .hasToString(
            "{\"type\":\"record\",\"name\":\"item\",\"namespace\":\"io.millrace.shop\","
                + "\"fields\":[{\"name\":\"id\",\"type\":\"int\"},"
                + "{\"name\":\"label\",\"type\":[\"null\",\"string\"],\"default\":null}]}");
  }

  @Test
  void whatTheDatabaseSaysOfItStandsInTheRowsSchema() {
    // given
    Schema plain = schemas(null, ID, LABEL).envelope();

    // when
    TableSchemas schemas =
        TableSchemas.of(
            "io.millrace.shop",
            "item",
            List.of("id"),
            List.of(ID, LABEL),
            new Comments("What is sold.", Map.of("label", "On the shelf.")),
            plain,
            Map.of());

    // then
    Schema row = ChangeEvent.row(schemas.envelope());
    assertThat(row.getDoc()).isEqualTo("What is sold.");
    assertThat(row.getFields())
        .extracting(Schema.Field::doc)
        .containsExactly(null, "On the shelf.");
    assertThat(schemas.envelope()).isEqualTo(plain);
  }

  @Test
  void anAddedColumnIsNullableEvenIfTheDatabaseSaysOtherwise() {
    // given
    Schema before = schemas(null, ID).envelope();

    // when
    TableSchemas after = schemas(before, ID, LABEL);

    // then
    assertThat(after.columns()).containsExactly(ID, new Column("label", TEXT, true));
    assertReads(after.envelope(), before);
  }

  @Test
  void aColumnThatWasNullableStaysSo() {
    // given
    Schema before = schemas(null, ID, new Column("label", TEXT, true)).envelope();

    // when
    TableSchemas after = schemas(before, ID, LABEL);

    // then
    assertThat(after.envelope()).isEqualTo(before);
  }

  @Test
  void columnsMayGoAwayBecomeNullableAndWiden() {
    // given
    Schema before = schemas(null, ID, LABEL, new Column("amount", INT, false)).envelope();

    // when
    TableSchemas after =
        schemas(before, ID, new Column("amount", ColumnType.of(ColumnType.Kind.LONG), true));

    // then
    assertReads(after.envelope(), before);
  }

  @Test
  void aColumnThatWasWiderStaysSo() {
    // given
    Column wide = new Column("amount", ColumnType.of(ColumnType.Kind.LONG), true);
    Column digits = new Column("price", ColumnType.decimal(24, 2), true);
    Schema before = schemas(null, ID, wide, digits).envelope();

    // when
    TableSchemas after =
        schemas(
            before,
            ID,
            new Column("amount", INT, true),
            new Column("price", ColumnType.decimal(12, 2), true));

    // then
    assertThat(after.columns()).containsExactly(ID, wide, digits);
    assertThat(after.envelope()).isEqualTo(before);
  }

  @Test
  void aColumnThatComesIsAsWideAsElsewhere() {
    // given
    Schema before = schemas(null, ID).envelope();
    Map<String, ColumnType> elsewhere =
        Map.of("amount", ColumnType.of(ColumnType.Kind.LONG), "label", INT);

    // when
    TableSchemas after =
        TableSchemas.of(
            "io.millrace.shop",
            "item",
            List.of("id"),
            List.of(ID, new Column("amount", INT, false), LABEL),
            Comments.NONE,
            before,
            elsewhere);

    // then
    assertThat(after.columns())
        .containsExactly(
            ID,
            new Column("amount", ColumnType.of(ColumnType.Kind.LONG), true),
            new Column("label", TEXT, true));
  }

  @Test
  void aChangedTypeIsRefused() {
    // given
    Schema before = schemas(null, ID, LABEL).envelope();

    // when, then
    assertThatThrownBy(() -> schemas(before, ID, new Column("label", INT, false)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Column label of table item changed from text to integer");
  }

  @Test
  void aMissingKeyColumnIsRefused() {
    assertThatThrownBy(() -> schemas(null, LABEL))
        .hasMessageContaining("Column id of the primary key of table item is gone");
  }

  private static void assertReads(Schema reader, Schema writer) {
    assertThat(SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType())
        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }
}
