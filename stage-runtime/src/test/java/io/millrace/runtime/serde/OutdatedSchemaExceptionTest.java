package io.millrace.runtime.serde;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** Which types have become wider than what is read. */
final class OutdatedSchemaExceptionTest {
  private static final Schema INT = Schema.create(Schema.Type.INT);
  private static final Schema LONG = Schema.create(Schema.Type.LONG);
  private static final Schema STRING = Schema.create(Schema.Type.STRING);

  @Test
  void moreValuesAreWider() {
    assertWider(LONG, INT);
    assertWider(nullable(LONG), nullable(INT));
    assertWider(decimal(24, 2), decimal(12, 2));
    assertWider(nullable(decimal(24, 2)), decimal(12, 2));
    assertWider(nullable(STRING), STRING);
  }

  @Test
  void theSameOrFewerValuesAreNot() {
    assertReadable(INT, LONG);
    assertReadable(INT, INT);
    assertReadable(STRING, nullable(STRING));
    assertReadable(decimal(12, 2), decimal(24, 2));
  }

  /** Avro says what is wrong with it. */
  @Test
  void anotherTypeIsNot() {
    assertReadable(STRING, INT);
    assertReadable(
        LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG)), INT);
    assertReadable(decimal(24, 3), decimal(12, 2));
  }

  private static void assertWider(Schema now, Schema planned) {
    assertThatThrownBy(
            () -> OutdatedSchemaException.check(record(now), record(planned).getFields()))
        .isInstanceOf(OutdatedSchemaException.class);
  }

  private static void assertReadable(Schema now, Schema planned) {
    assertThatCode(() -> OutdatedSchemaException.check(record(now), record(planned).getFields()))
        .doesNotThrowAnyException();
  }

  private static Schema record(Schema type) {
    return Schema.createRecord(
        "item", null, "shop", false, List.of(new Schema.Field("amount", type)));
  }

  private static Schema nullable(Schema type) {
    return Schema.createUnion(Schema.create(Schema.Type.NULL), type);
  }

  private static Schema decimal(int precision, int scale) {
    return LogicalTypes.decimal(precision, scale).addToSchema(Schema.create(Schema.Type.BYTES));
  }
}
