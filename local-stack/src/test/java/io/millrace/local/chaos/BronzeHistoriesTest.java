package io.millrace.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Impossible histories of a key are found. */
class BronzeHistoriesTest {
  @ParameterizedTest
  @CsvSource({
    "r1u2u2d2c3d3, 0, 0, 0",
    "c1c1, 1, 0, 0",
    "c1u2r2, 1, 0, 0",
    "u1d1, 0, 1, 0",
    "c1d1d1, 0, 1, 0",
    "c1d1u1, 0, 1, 0",
    "c1u2d1, 0, 0, 1"
  })
  void findsWhatCannotHaveHappened(String history, int created, int changed, int deleted)
      throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      // given
      statement.execute("CREATE TABLE changes (_op VARCHAR, _source_pos INT, k INT, a INT, b INT)");
      for (int i = 0; i < history.length(); i += 2) {
        statement.execute(
            "INSERT INTO changes VALUES ('%s', %d, 1, NULL, %s), ('c', %d, %d, 7, 7)"
                .formatted(history.charAt(i), i, history.charAt(i + 1), i, i + 2));
      }

      // when
      ResultSet row =
          statement.executeQuery(BronzeHistories.sql("changes", List.of("k"), List.of("a", "b")));

      // then
      row.next();
      assertThat(List.of(row.getInt(1), row.getInt(2), row.getInt(3)))
          .containsExactly(created, changed, deleted);
    }
  }
}
