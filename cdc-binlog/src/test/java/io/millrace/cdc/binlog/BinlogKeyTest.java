package io.millrace.cdc.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class BinlogKeyTest {
  private static BinlogKey key(String... columns) {
    return new BinlogKey(
        List.of(columns).stream()
            .map(
                column ->
                    new BinlogKey.Part(
                        column, BinlogType.of(column, 10, 0, "utf8mb4").orElseThrow()))
            .toList());
  }

  @Test
  void whatStandsBehindAKeyIsFoundByTheIndexOfItsColumns() {
    assertThat(key("int").behind(List.of("-5"))).isEqualTo("(`int` > -5)");
    assertThat(key("varchar", "enum").behind(List.of("27", "2")))
        .isEqualTo(
            "(`varchar` >= _utf8mb4 X'27' AND (`varchar` > _utf8mb4 X'27' OR ((`enum` + 0) > 2)))");
    assertThat(key("date", "enum").order()).isEqualTo("`date`, `enum`");
  }

  @Test
  void aKeyIsNoSql() {
    assertThatThrownBy(() -> key("int").behind(List.of("1 OR 1")))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> key("date").behind(List.of("' OR '")))
        .isInstanceOf(IllegalStateException.class);
  }
}
