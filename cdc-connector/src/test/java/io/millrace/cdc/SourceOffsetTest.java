package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SourceOffsetTest {
  @Test
  void comesBackFromItsJson() {
    // given
    SourceOffset offset =
        new SourceOffset(
            0x16_0000_0028L, 12L, "7301", new TreeMap<>(Map.of("item", "public.item")));

    // when
    byte[] json = offset.json();

    // then
    assertThat(new String(json, StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"lsn\":\"16/28\",\"system\":\"7301\",\"tables\":{\"item\":\"public.item\"},"
                + "\"ts_us\":12}");
    assertThat(SourceOffset.of(json)).isEqualTo(offset);
  }

  @Test
  void comesBackWithTheStatesOfItsTables() {
    // given
    TableState.Progress progress =
        TableState.Progress.of(true)
            .begun(Map.of(0, 7L, 1, 8L))
            .shaped("1 id integer", 1000)
            .reached(List.of("12", "it's"), 3);
    SourceOffset offset =
        new SourceOffset(1, 2, "7301", new TreeMap<>(Map.of("item", "public.item")))
            .with(
                new TreeMap<>(
                    Map.of(
                        "item", new TableState("1 id integer, 2 label text", null),
                        "late", new TableState(null, progress))));

    // when, then
    assertThat(SourceOffset.of(offset.json())).isEqualTo(offset);
  }

  @Test
  void anLsnIsUnsigned() {
    assertThat(SourceOffset.lsn("FFFFFFFF/FFFFFFFF")).isEqualTo(-1);
    assertThat(SourceOffset.lsnText(-1)).isEqualTo("FFFFFFFF/FFFFFFFF");
  }

  @Test
  void refusesWhatIsNoOffset() {
    assertThatThrownBy(() -> SourceOffset.of("{}".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not a source offset");
  }
}
