package io.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TopicsTest {
  @Test
  void namesAreWhatTheDocumentationSays() {
    // given
    Topics topics = new Topics("shop");

    // when / then
    assertThat(topics.changes("orders")).isEqualTo("shop.cdc.orders");
    assertThat(topics.view("sales")).isEqualTo("shop.view.sales");
    assertThat(topics.aggregate("revenue")).isEqualTo("shop.agg.revenue");
    assertThat(topics.deadLetters("enrichment")).isEqualTo("shop.dead-letters.enrichment");
    assertThat(topics.replays()).isEqualTo("shop.replays");
    assertThat(topics.lakeCommits()).isEqualTo("shop.lake-commits");
    assertThat(topics.cdcOffsets("")).isEqualTo("shop.cdc-offsets");
    assertThat(topics.cdcOffsets("billing")).isEqualTo("shop.cdc-offsets.billing");
    assertThat(topics.schemaHistory("billing")).isEqualTo("shop.schema-history.billing");
    assertThat(topics.connectorId("")).isEqualTo("shop.cdc-connector");
    assertThat(topics.connectorId("billing")).isEqualTo("shop.cdc-connector.billing");
    assertThat(topics.applicationId("enrichment")).isEqualTo("shop.enrichment");
    assertThat(Topics.keySubject("shop.cdc.orders")).isEqualTo("shop.cdc.orders-key");
    assertThat(Topics.valueSubject("shop.cdc.orders")).isEqualTo("shop.cdc.orders-value");
  }

  @Test
  void namesThatKafkaOrTheLakeWouldNotTakeAreRefused() {
    for (String name : List.of("", "Shop", "9shop", "my-shop", "my.shop", "shöp", "_shop")) {
      // when / then
      assertThatThrownBy(() -> new Topics(name))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'" + name + "'");
    }
  }
}
