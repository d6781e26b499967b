package io.millrace.runtime.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.Row;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RowSerdeTest {
  private static final Schema EVERYTHING =
      SchemaBuilder.record("everything")
          .namespace("io.millrace.shop")
          .fields()
          .requiredInt("an_int")
          .requiredLong("a_long")
          .requiredBoolean("a_boolean")
          .requiredString("a_string")
          .requiredBytes("some_bytes")
          .name("a_decimal")
          .type(decimal(12, 2))
          .noDefault()
          .name("maybe_decimal")
          .type()
          .unionOf()
          .nullType()
          .and()
          .type(decimal(38, 10))
          .endUnion()
          .nullDefault()
          .optionalString("maybe_string")
          .name("a_uuid")
          .type(LogicalTypes.uuid().addToSchema(Schema.create(Schema.Type.STRING)))
          .noDefault()
          .name("an_instant")
          .type(LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG)))
          .noDefault()
          .name("a_day")
          .type(LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT)))
          .noDefault()
          .name("nested")
          .type(SchemaBuilder.record("inner").fields().requiredString("text").endRecord())
          .noDefault()
          .name("ranges")
          .type(
              Schema.createArray(
                  SchemaBuilder.record("range").fields().requiredLong("from").endRecord()))
          .noDefault()
          .endRecord();

  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();

  private static Schema decimal(int precision, int scale) {
    return LogicalTypes.decimal(precision, scale).addToSchema(Schema.create(Schema.Type.BYTES));
  }

  private static Row everything(@Nullable BigDecimal decimal) {
    Schema nested = EVERYTHING.getField("nested").schema();
    Schema range = EVERYTHING.getField("ranges").schema().getElementType();
    return new Row(
        EVERYTHING,
        new @Nullable Object[] {
          -7,
          Long.MIN_VALUE,
          true,
          "naïve 🦆",
          ByteBuffer.wrap(new byte[] {0, -1}),
          new BigDecimal("-1234567890.12"),
          decimal,
          null,
          "0f8fad5b-d9cb-469f-a165-70867728950e",
          1_700_000_000_000_000L,
          20_000,
          new Row(nested, new @Nullable Object[] {"in"}),
          List.of(new Row(range, new @Nullable Object[] {5L}))
        });
  }

  @Test
  void everyTypeComesBackAsTheSameJavaValue() {
    // given
    RowSerde serde = new RowSerde(registry, "t-value", EVERYTHING);
    Row row = everything(new BigDecimal("1234567890123456789012345678.0123456789"));

    // when
    Row back = read(serde, write(serde, row));

    // then
    assertThat(back).isEqualTo(row);
    assertThat(back.get(3)).isInstanceOf(String.class);
    assertThat(back.getSchema()).isEqualTo(EVERYTHING);
    assertThat(((Row) back.values()[11]).get(0)).isInstanceOf(String.class);
  }

  @Test
  void decodingFollowsTheWritersSchemaAndGivesOneSchemaObjectPerId() {
    // given
    RowSerde serde = new RowSerde(registry, "t-value", EVERYTHING);
    RowDecoder decoder = new RowDecoder(registry);
    byte[] bytes = write(serde, everything(null));

    // when
    Row first = Objects.requireNonNull(decoder.decode(bytes));
    Row second = Objects.requireNonNull(decoder.decode(bytes));

    // then
    assertThat(first).isEqualTo(everything(null)).isEqualTo(second);
    assertThat(first.getSchema()).isSameAs(second.getSchema()).isEqualTo(EVERYTHING);
    assertThat(decoder.decode(null)).isNull();
  }

  @Test
  void decimalsOfEverySizeAndSignRoundTrip() {
    // given
    RowSerde serde = new RowSerde(registry, "t-value", EVERYTHING);
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      BigInteger unscaled = new BigInteger(1 + random.nextInt(120), random);
      BigDecimal value = new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), 10);

      // when
      Row back = read(serde, write(serde, everything(value)));

      // then
      assertThat(back.get(6)).isEqualTo(value);
    }
  }

  @Test
  void nullIsNull() {
    // given
    RowSerde serde = new RowSerde(registry, "t-value", EVERYTHING);

    // when / then
    assertThat(serde.serializer().serialize("t", null)).isNull();
    assertThat(serde.deserializer().deserialize("t", null)).isNull();
    assertThat(registry.latest("t-value")).isEmpty();
  }

  @Test
  void readsWhatAnEarlierSchemaWrote() {
    // given
    Schema earlier = SchemaBuilder.record("o").fields().requiredInt("a").endRecord();
    Schema later =
        SchemaBuilder.record("o").fields().optionalString("b").requiredLong("a").endRecord();
    byte[] bytes =
        write(
            new RowSerde(registry, "t-value", earlier),
            new Row(earlier, new @Nullable Object[] {7}));

    // when
    Row row = read(new RowSerde(registry, "t-value", later), bytes);

    // then
    assertThat(row.values()).containsExactly(null, 7L);
  }

  @Test
  void aValueOfTheWrongTypeNamesTheFieldAndSpoilsNoLaterRow() {
    // given
    RowSerde serde = new RowSerde(registry, "t-value", EVERYTHING);
    Row wrong = everything(null);
    wrong.put(3, null);
    Row wide = everything(null);
    wide.put(5, new BigDecimal("1.005"));

    // when / then
    assertThatThrownBy(() -> write(serde, wrong))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("t-value")
        .rootCause()
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> write(serde, wrong)).cause().hasMessageContaining("a_string");
    assertThatThrownBy(() -> write(serde, wide)).cause().hasMessageContaining("a_decimal");
    assertThat(read(serde, write(serde, everything(null)))).isEqualTo(everything(null));
  }

  @Test
  void bytesThatAreNoRecordArePoison() {
    // given
    RowSerde serde = new RowSerde(registry, "t-value", EVERYTHING);
    byte[] good = write(serde, everything(null));
    byte[] cut = Arrays.copyOf(good, good.length - 3);

    // when / then
    assertThatThrownBy(() -> read(serde, "{}".getBytes(UTF_8)))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("too few");
    assertThatThrownBy(() -> read(serde, "{\"json\":1}".getBytes(UTF_8)))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("starts with byte 123");
    assertThatThrownBy(() -> read(serde, cut)).isInstanceOf(SerializationException.class);
    assertThatThrownBy(() -> read(serde, new byte[] {0, 0, 0, 1, 0, 0}))
        .isInstanceOf(UnknownSchemaException.class)
        .hasMessageContaining("256");
  }

  @Test
  void aDecimalOfMoreDigitsThanItsTypeHasIsPoison() {
    // given the bytes of a wide decimal behind the schema id of a narrow one
    RowSerde wide = new RowSerde(registry, "wide-value", ofDecimal(38));
    RowSerde narrow = new RowSerde(registry, "narrow-value", ofDecimal(4));
    byte[] bytes = write(wide, row(ofDecimal(38), "12345.67"));
    System.arraycopy(write(narrow, row(ofDecimal(4), "12.34")), 0, bytes, 0, WireFormat.HEADER);

    // when / then
    assertThatThrownBy(() -> read(narrow, bytes))
        .isInstanceOf(SerializationException.class)
        .rootCause()
        .hasMessageContaining("7 digits does not fit decimal(4, 2)");
  }

  private static Schema ofDecimal(int precision) {
    return SchemaBuilder.record("d")
        .fields()
        .name("a")
        .type(decimal(precision, 2))
        .noDefault()
        .endRecord();
  }

  private static Row row(Schema schema, String decimal) {
    return new Row(schema, new @Nullable Object[] {new BigDecimal(decimal)});
  }

  private static byte[] write(RowSerde serde, Row row) {
    return serde.serializer().serialize("t", row);
  }

  private static Row read(RowSerde serde, byte[] bytes) {
    return serde.deserializer().deserialize("t", bytes);
  }
}
