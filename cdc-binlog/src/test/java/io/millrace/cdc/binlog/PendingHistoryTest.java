package io.millrace.cdc.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingHistoryTest {
  @Test
  void givesAStatementOnceWithTheFirstPlaceBehindIt() {
    // given
    PendingHistory history = new PendingHistory(List.of(), List.of());
    history.add(statement("bin.000001", 900, "a"));
    history.add(statement("bin.000002", 100, "b"));
    history.add(statement("bin.000010", 4, "c"));

    // then
    assertThat(taken(history, "bin.000001", 899)).isEmpty();
    assertThat(taken(history, "bin.000002", 100)).containsExactly("a", "b");
    assertThat(taken(history, "bin.000009", 1 << 30)).isEmpty();
    assertThat(taken(history, "bin.000010", 4)).containsExactly("c");
    assertThat(taken(history, "bin.000010", 4)).isEmpty();
  }

  private static PendingHistory.Statement statement(String file, long position, String text) {
    return new PendingHistory.Statement(new BinlogPosition(file, position), text);
  }

  private static List<String> taken(PendingHistory history, String file, long position) {
    return history.take(new BinlogPosition(file, position)).stream()
        .map(json -> new String(json, StandardCharsets.UTF_8))
        .toList();
  }
}
