package io.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;

/**
 * The contracts against every version that was ever in use, frozen under {@code frozen/}. A topic
 * keeps records for years: today's readers must read them, and yesterday's services, still running
 * during an upgrade, must read today's. A released version is frozen by adding a directory, never
 * by changing one.
 */
final class FrozenContractsTest {
  private static final Map<String, Schema> CONTRACTS =
      Map.of(
          "source", ChangeEvent.SOURCE_SCHEMA,
          "transaction", ChangeEvent.TRANSACTION_SCHEMA,
          "change", change(),
          "data-file-descriptor", DataFileDescriptor.SCHEMA);

  private static final String[] VERSIONS = {"v1", "v2"};

  private static Schema change() {
    return ChangeEvent.schema(
        SchemaBuilder.record("orders")
            .namespace("io.millrace.shop")
            .fields()
            .requiredString("order_id")
            .optionalLong("customer_id")
            .endRecord());
  }

  @Test
  void todaysReadersReadEveryEarlierVersion() throws Exception {
    for (String version : VERSIONS) {
      for (Map.Entry<String, Schema> contract : CONTRACTS.entrySet()) {
        // given
        Schema earlier = frozen(version, contract.getKey());

        // when
        var result =
            SchemaCompatibility.checkReaderWriterCompatibility(contract.getValue(), earlier);

        // then
        assertThat(result.getType())
            .as("%s of %s: %s", contract.getKey(), version, result.getResult())
            .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
      }
    }
  }

  @Test
  void earlierReadersReadToday() throws Exception {
    for (String version : VERSIONS) {
      for (Map.Entry<String, Schema> contract : CONTRACTS.entrySet()) {
        // given
        Schema earlier = frozen(version, contract.getKey());

        // when
        var result =
            SchemaCompatibility.checkReaderWriterCompatibility(earlier, contract.getValue());

        // then
        assertThat(result.getType())
            .as("%s of %s: %s", contract.getKey(), version, result.getResult())
            .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
      }
    }
  }

  @Test
  void todayIsTheLatestFrozenVersion() throws Exception {
    for (Map.Entry<String, Schema> contract : CONTRACTS.entrySet()) {
      // given
      Schema latest = frozen(VERSIONS[VERSIONS.length - 1], contract.getKey());

      // when / then
      assertThat(contract.getValue())
          .as(
              "%s changed: freeze it as a new version under src/test/resources/frozen",
              contract.getKey())
          .isEqualTo(latest);
    }
  }

  @Test
  void fieldPositionsOfTheEnvelopeAreWhatReadersCount() {
    // given
    Schema change = change();

    // when / then
    assertThat(
            Map.of(
                "before", ChangeEvent.BEFORE,
                "after", ChangeEvent.AFTER,
                "op", ChangeEvent.OP,
                "ts_ms", ChangeEvent.TS_MS,
                "source", ChangeEvent.SOURCE,
                "transaction", ChangeEvent.TRANSACTION,
                "_source_ts", ChangeEvent.SOURCE_TS,
                "_source_pos", ChangeEvent.SOURCE_POS))
        .hasSize(change.getFields().size())
        .allSatisfy(
            (name, position) -> assertThat(change.getField(name).pos()).isEqualTo(position));
    assertThat(ChangeEvent.row(change).getFullName()).isEqualTo("io.millrace.shop.orders");
  }

  private static Schema frozen(String version, String contract) throws IOException {
    String resource = "/frozen/" + version + "/" + contract + ".avsc";
    try (InputStream in =
        Objects.requireNonNull(
            FrozenContractsTest.class.getResourceAsStream(resource), () -> resource)) {
      return new Schema.Parser().parse(in);
    }
  }
}
