package io.millrace.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Impossible histories of a key are found. */
class BronzeHistoriesTest {
  /**
   * Each change is its kind, the column that lasts, and the column that moves; | alters, &lt; asks
   * to read the table again, and &gt; says that this is done.
   */
  @ParameterizedTest
  @CsvSource({
    // without alterations
    "r11u22u22d22c33d33, 0, 0, 0, 0",
    "c11c11, 1, 0, 0, 0",
    "c11u22r22, 1, 0, 0, 0",
    "u11d11, 0, 1, 0, 0",
    "c11d11d11, 0, 1, 0, 0",
    "c11d11u11, 0, 1, 0, 0",
    "c11u22d12, 0, 0, 1, 0",
    "c11u22d21, 0, 0, 1, 0",
    // with them
    "c11|r12u22|r21|r22d22c13d13, 0, 0, 0, 0",
    "c11|d12c22|d21, 0, 0, 0, 0",
    "c11|r12d12c11r11, 0, 0, 0, 0",
    "c11|u22r22d22, 0, 0, 0, 0",
    "c11|r21, 0, 0, 1, 0",
    "c11|u22r21, 0, 0, 1, 0",
    "c11|d22, 0, 0, 1, 0",
    "|r11, 0, 1, 0, 0",
    "c11d11|r11, 0, 1, 0, 0",
    "c11|r12r12, 0, 0, 0, 1",
    "c11r11|d12, 1, 0, 0, 0",
    // read on demand
    "c11<r11u22, 0, 0, 0, 0",
    "c11<r11>u22<r22>, 0, 0, 0, 0",
    "c11|<r12r12, 0, 0, 0, 0",
    "c11<|r12r12>, 0, 0, 0, 0",
    "r11<r11>u12, 0, 0, 0, 0",
    "c11<r12, 0, 0, 1, 0",
    "c11d11<r11, 0, 1, 0, 0",
    "c11<r11r11, 0, 0, 0, 1",
    "c11<>|r12r12, 0, 0, 0, 1",
    "c11|<r12r12r12, 0, 0, 0, 1",
    "c11<><r11r11, 0, 0, 0, 1"
  })
  void findsWhatCannotHaveHappened(
      String history, int created, int changed, int differing, int repeated) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      // given
      statement.execute(
          "CREATE TABLE changes (_op VARCHAR, _source_pos VARCHAR, k INT, a INT, x INT)");
      int position = 0;
      List<String> alterations = new ArrayList<>();
      Deque<Rereads.Span> rereads = new ArrayDeque<>();
      for (int i = 0; i < history.length(); i++) {
        String at = "%03d".formatted(++position);
        switch (history.charAt(i)) {
          case '|' -> alterations.add(at);
          case '<' -> rereads.add(new Rereads.Span(at, null, 1));
          case '>' -> rereads.add(new Rereads.Span(rereads.removeLast().from(), at, 1));
          default -> {
            statement.execute(
                "INSERT INTO changes VALUES ('%s', '%s', 1, %s, %s), ('c', '%s', %d, 7, 7)"
                    .formatted(
                        history.charAt(i),
                        at,
                        history.charAt(i + 1),
                        history.charAt(i + 2),
                        at,
                        position + 2));
            i += 2;
          }
        }
      }
      Eras eras = Eras.of(alterations, List.copyOf(rereads));

      // when
      ResultSet row =
          statement.executeQuery(BronzeHistories.sql("changes", List.of("k"), List.of("a"), eras));

      // then
      row.next();
      assertThat(List.of(row.getInt(1), row.getInt(2), row.getInt(3), row.getInt(4)))
          .containsExactly(created, changed, differing, repeated);
    }
  }
}
