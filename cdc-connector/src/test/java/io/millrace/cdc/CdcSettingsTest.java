package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.pipeline.FilePosition;
import io.millrace.pipeline.Lake;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.Source;
import io.millrace.pipeline.SourceTable;
import io.millrace.pipeline.TopicSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CdcSettingsTest {
  private static PipelineFile file(Map<String, String> config) {
    SourceTable item = new SourceTable("item", "public.item", false, new FilePosition(1, 1));
    return new PipelineFile(
        Path.of("pipeline.yaml"),
        "shop",
        Map.of(),
        Map.of(),
        new TopicSettings(2, (short) 1, Duration.ofDays(7)),
        Map.of(),
        new Source("postgresql", config, Map.of("item", item)),
        Map.of(),
        Map.of(),
        new Lake(Map.of(), Duration.ofSeconds(5)));
  }

  @Test
  void hasDefaults() {
    // when
    CdcSettings settings = CdcSettings.of(file(Map.of()));

    // then
    assertThat(settings.database().toString()).isEqualTo("localhost:5432/postgres");
    assertThat(settings.slot()).isEqualTo(new ReplicationSlot("millrace_shop"));
    assertThat(settings.publication())
        .isEqualTo(new Publication("shop_publication", List.of(new TableName("public", "item"))));
    assertThat(settings.capture().grouping()).isEqualTo(Duration.ofMillis(100));
    assertThat(settings.capture().groupedBytes()).isEqualTo(16 << 20);
    assertThat(settings.capture().transactionTimeout()).isEmpty();
  }

  @Test
  void takesEverySetting() {
    // when
    CdcSettings settings =
        CdcSettings.of(
            file(
                Map.of(
                    "database.hostname", "db",
                    "slot.name", "other",
                    "publication.name", "pub",
                    "millrace.transaction.grouping.ms", "250",
                    "millrace.transaction.grouping.bytes", "1000",
                    "millrace.transaction.timeout.ms", "3600000",
                    "max.batch.size", "10")));

    // then
    assertThat(settings.database().host()).isEqualTo("db");
    assertThat(settings.slot().name()).isEqualTo("other");
    assertThat(settings.publication().name()).isEqualTo("pub");
    assertThat(settings.capture().grouping()).isEqualTo(Duration.ofMillis(250));
    assertThat(settings.capture().groupedBytes()).isEqualTo(1000);
    assertThat(settings.capture().transactionTimeout()).isEqualTo(Optional.of(Duration.ofHours(1)));
    assertThat(settings.capture().connector())
        .containsEntry("max.batch.size", "10")
        .doesNotContainKey("millrace.transaction.grouping.ms");
  }

  @Test
  void refusesWhatExactnessRestsOn() {
    assertThatThrownBy(() -> CdcSettings.of(file(Map.of("snapshot.mode", "never"))))
        .hasMessage("source.config may not set snapshot.mode: remove it from the pipeline file");
    assertThatThrownBy(() -> CdcSettings.of(file(Map.of("millrace.nonsense", "1"))))
        .hasMessageContaining("may not set millrace.nonsense");
    assertThatThrownBy(() -> CdcSettings.of(file(Map.of("slot.name", "No-Slot"))))
        .hasMessageContaining("replication slot name 'No-Slot' must match");
    assertThatThrownBy(() -> CdcSettings.of(file(Map.of("millrace.transaction.timeout.ms", "1h"))))
        .hasMessage(
            "source.config millrace.transaction.timeout.ms is '1h': write a whole number above 0");
  }
}
