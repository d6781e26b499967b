package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request may say, and how a wrong one is refused. */
class SnapshotOrderTest {
  private static final Set<String> KNOWN = new TreeSet<>(Set.of("item", "late"));

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "{}"})
  void nothingMeansAllTables(String body) {
    assertThat(SnapshotOrder.of(body, KNOWN)).isEqualTo(new SnapshotOrder(List.of(), null));
  }

  @Test
  void namesTablesAndTheConditionOfOne() {
    assertThat(SnapshotOrder.of("{\"tables\": [\"late\", \"item\", \"late\"]}", KNOWN))
        .isEqualTo(new SnapshotOrder(List.of("late", "item"), null));
    assertThat(
            SnapshotOrder.of(
                "{\"tables\": [\"late\"], \"condition\": \"label = 'it''s (' AND (no) > 1\"}",
                KNOWN))
        .isEqualTo(new SnapshotOrder(List.of("late"), "label = 'it''s (' AND (no) > 1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"tables\": [\"late\"             | not JSON",
        "[\"late\"]                         | not a JSON object",
        "{\"table\": \"late\"}              | unknown: table",
        "{\"tables\": \"late\"}             | not a list",
        "{\"tables\": []}                   | not a list",
        "{\"condition\": \"true\"}          | not a list",
        "{\"tables\": [\"lat\"]}            | no table lat; it has item, late",
        "{\"tables\": [7]}                  | no table 7",
        "{\"tables\": [\"late\", \"item\"], \"condition\": \"true\"} | of one table",
        "{\"tables\": [\"late\"], \"condition\": 7}              | not a text",
        "{\"tables\": [\"late\"], \"condition\": \" \"}          | is empty",
        "{\"tables\": [\"late\"], \"condition\": \"true; COMMIT\"} | no semicolon",
        "{\"tables\": [\"late\"], \"condition\": \"true -- x\"}  | comment",
        "{\"tables\": [\"late\"], \"condition\": \"/* x */ true\"} | comment",
        "{\"tables\": [\"late\"], \"condition\": \"no = $1\"}    | dollar",
        "{\"tables\": [\"late\"], \"condition\": \"label = E'\\\\''\"} | backslash",
        "{\"tables\": [\"late\"], \"condition\": \"true) OR (true\"} | counterpart",
        "{\"tables\": [\"late\"], \"condition\": \"((true)\"}    | counterpart",
        "{\"tables\": [\"late\"], \"condition\": \"label = 'x\"} | counterpart",
        "{\"tables\": [\"late\"], \"condition\": \"label = ')\"} | counterpart",
      })
  void saysWhatIsWrong(String body, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SnapshotOrder.of(body, KNOWN))
        .withMessageContaining(reason);
  }
}
