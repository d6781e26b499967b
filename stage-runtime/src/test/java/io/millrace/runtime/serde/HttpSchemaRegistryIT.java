package io.millrace.runtime.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.testing.RegistryProcess;
import io.millrace.schemas.Row;
import java.nio.file.Path;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against the real Apicurio Registry. */
final class HttpSchemaRegistryIT {
  private static final Schema ORDER =
      SchemaBuilder.record("orders")
          .namespace("io.millrace.shop")
          .fields()
          .requiredString("order_id")
          .endRecord();

  private static RegistryProcess process;
  private final SchemaRegistry registry = client();

  @BeforeAll
  static void start(@TempDir Path directory) {
    process = RegistryProcess.start(directory);
  }

  @AfterAll
  static void stop() {
    process.close();
  }

  private static HttpSchemaRegistry client() {
    return new HttpSchemaRegistry(Map.of("url", process.url() + "/"));
  }

  @Test
  void aRegisteredSchemaIsFoundByIdAndAsTheLatestByOthers() {
    // given
    int id = registry.register("a.cdc.orders-value", ORDER);

    // when
    SchemaRegistry other = client();

    // then
    assertThat(other.schema(id)).isEqualTo(ORDER);
    assertThat(other.latest("a.cdc.orders-value")).contains(ORDER);
    assertThat(other.register("a.cdc.orders-value", ORDER)).isEqualTo(id);
    assertThat(other.schema(id)).isSameAs(other.schema(id));
  }

  @Test
  void schemaPropertiesSurvive() {
    // given
    Schema schema = new Schema.Parser().parse(ORDER.toString().replace("orders", "windowed"));
    schema.addProp("millrace.window", "window_start");

    // when
    int id = registry.register("agg-value", schema);

    // then
    assertThat(client().schema(id).getProp("millrace.window")).isEqualTo("window_start");
    assertThat(client().latest("agg-value").orElseThrow().getProp("millrace.window"))
        .isEqualTo("window_start");
  }

  @Test
  void theSecondSchemaOfASubjectIsAlreadyHeldToBackward() {
    // given
    registry.register("b.cdc.orders-value", ORDER);
    Schema retyped =
        SchemaBuilder.record("orders")
            .namespace("io.millrace.shop")
            .fields()
            .requiredInt("order_id")
            .endRecord();
    Schema grown =
        SchemaBuilder.record("orders")
            .namespace("io.millrace.shop")
            .fields()
            .requiredString("order_id")
            .optionalString("note")
            .endRecord();
    Schema demanding =
        SchemaBuilder.record("orders")
            .namespace("io.millrace.shop")
            .fields()
            .requiredString("order_id")
            .requiredString("must")
            .endRecord();

    // when / then
    assertThatThrownBy(() -> registry.register("b.cdc.orders-value", retyped))
        .isInstanceOf(IncompatibleSchemaException.class)
        .hasMessageContaining("b.cdc.orders-value")
        .hasMessageContaining("order_id")
        .hasMessageContaining("nullable or have a default");
    assertThatThrownBy(() -> client().register("b.cdc.orders-value", demanding))
        .isInstanceOf(IncompatibleSchemaException.class);
    assertThat(registry.register("b.cdc.orders-value", grown)).isPositive();
    assertThat(registry.latest("b.cdc.orders-value")).contains(grown);
  }

  @Test
  void whatIsNotThereIsEmptyOrPoison() {
    // when / then
    assertThat(registry.latest("nothing-value")).isEmpty();
    assertThatThrownBy(() -> registry.schema(987_654))
        .isInstanceOf(UnknownSchemaException.class)
        .hasMessageContaining("987654");
  }

  @Test
  void anUrlThatIsNotTheApiIsToldFromAnEmptyRegistry() {
    // given
    String wrong = process.url().replace("/apis/ccompat/v7", "/apis/none");

    // when
    SchemaRegistry elsewhere = new HttpSchemaRegistry(Map.of("url", wrong));

    // then
    assertThatThrownBy(() -> elsewhere.latest("nothing-value"))
        .isInstanceOf(RegistryRefusedException.class)
        .hasMessageContaining("check url");
  }

  @Test
  void rowsTravelThroughTwoClients() {
    // given
    Row row = new Row(ORDER, new @Nullable Object[] {"o1"});
    byte[] bytes = new RowSerde(registry, "c-value", ORDER).serializer().serialize("c", row);

    // when
    Row back = new RowDecoder(client()).decode(bytes);

    // then
    assertThat(back).isEqualTo(row);
  }
}
